"""The timetable of beat: what happens when, by the site's own time zone."""

from typing import Any

from celery.schedules import crontab

BEAT_SCHEDULE: dict[str, dict[str, Any]] = {
    "reconcile-jobs": {"task": "core.tasks.reconcile_jobs", "schedule": 60.0},
    "deliver-messages": {"task": "core.tasks.deliver_messages", "schedule": 60.0},
    "close-due-calls": {"task": "programs.tasks.close_due_calls", "schedule": 60.0},
    "settle-due-classes": {"task": "training.tasks.settle_due_classes", "schedule": 60.0},
    "finish-past-classes": {
        "task": "training.tasks.finish_past_classes",
        "schedule": crontab(minute=15),
    },
    "close-due-rounds": {"task": "assessment.tasks.close_due_rounds", "schedule": 60.0},
    "tell-ballot-days": {
        "task": "assessment.tasks.tell_ballot_days",
        "schedule": crontab(hour=0, minute=40),
    },
    "start-and-end-participations": {
        "task": "programs.tasks.follow_calendar",
        "schedule": crontab(minute=10),
    },
    "send-reminders": {"task": "reports.tasks.send_reminders", "schedule": crontab(minute=0)},
    "end-grants": {"task": "accounts.tasks.end_grants", "schedule": crontab(minute=20)},
    "check-quality": {
        "task": "reports.tasks.check_roster_nightly",
        "schedule": crontab(hour=2, minute=30),
    },
    "sweep-files": {"task": "core.tasks.sweep", "schedule": crontab(hour=3, minute=30)},
    "purge-sign-ins": {"task": "accounts.tasks.purge_sign_ins", "schedule": crontab(hour=3, minute=50)},
    "drop-abandoned-imports": {
        "task": "cadres.tasks.drop_abandoned_imports",
        "schedule": crontab(hour=3, minute=40),
    },
}
