"""What the actions of programmes write beside the status, one module per kind of document."""
