"""Verbs that write units, accounts and grants; each checks the acting user and leaves an audit entry."""
