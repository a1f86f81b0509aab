"""What the actions write besides a status."""
