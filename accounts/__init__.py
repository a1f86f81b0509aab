"""accounts: users, units, roles, grants and scope."""
