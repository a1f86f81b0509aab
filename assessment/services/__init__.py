"""Verbs that write: instruments, rounds, invitations, ballots, results."""
