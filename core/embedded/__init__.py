"""Servers for a machine that has none: PostgreSQL and Valkey from wheels, and the supervisor of the demo."""
