"""What the actions on classes and enrolments write beside the status, one module per kind of document."""
