"""The verbs of the nomination engine and of what follows an approval, one module per noun."""
