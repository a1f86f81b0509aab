"""The data-quality desk: rules over the roster, and the check that writes down what breaks them."""
