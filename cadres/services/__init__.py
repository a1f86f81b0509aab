"""The verbs of the roster, by noun: people, appointments, histories, posts, codes, imports, exports."""
