"""How the roster travels through the API."""
