"""Settings of the workers that these tests start: the suite's, with the tests' own job kinds and quick beats."""

import os

from config.settings_test import *  # noqa: F403

CELERY_IMPORTS = ("tests.core.kinds",)
CELERY_BEAT_SCHEDULE = {
    "reconcile-jobs": {"task": "core.tasks.reconcile_jobs", "schedule": 1.0},
    "deliver-messages": {"task": "core.tasks.deliver_messages", "schedule": 1.0},
}
EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
EMAIL_FILE_PATH = os.environ.get("LETTERS", "")
