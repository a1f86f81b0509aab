"""Pages of the reports app, by subject."""
