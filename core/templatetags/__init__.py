"""Template tags of the portal shell."""
