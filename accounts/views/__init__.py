"""Pages of accounts: one's own account, the administrators' desks, units."""
