"""reports: home, reports, reminders."""
