"""Forms of the roster: the list's filters, people and posts, and the dated histories."""
