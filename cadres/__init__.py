"""cadres: the roster."""
