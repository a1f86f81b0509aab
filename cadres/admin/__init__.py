"""The admin of the roster, for correcting single records: every save goes through the services."""

from cadres.admin import careers, confidential, credentials, growth, people, posts, processes, staging

__all__ = ["careers", "confidential", "credentials", "growth", "people", "posts", "processes", "staging"]
