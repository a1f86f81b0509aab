"""training: learning."""
