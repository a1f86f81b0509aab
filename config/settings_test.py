"""Settings of the test suite: the real ones with quick password hashes and plain static files."""

import os

os.environ.setdefault("TESTING", "1")

from config.settings import *  # noqa: F403
from config.settings import STORAGES

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {**STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
AXES_ENABLED = True
# Nothing is collected here: a static file is looked up when it is asked for, instead of listing all of them for
# every test's client.
STATIC_ROOT = None
WHITENOISE_AUTOREFRESH = True
