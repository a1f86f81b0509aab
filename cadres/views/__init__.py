"""Pages of the roster: the list, one person, editing people and histories, posts, accounts for people."""
