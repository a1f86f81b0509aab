"""assessment: evaluations."""
