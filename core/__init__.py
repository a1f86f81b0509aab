"""core: mechanisms without one business noun."""
