"""Pages of the nomination engine, by noun."""
