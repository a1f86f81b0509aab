"""programs: calls, nominations and participations."""
