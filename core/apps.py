"""Application entry of core."""

import sys

from django.apps import AppConfig
from django.core.exceptions import ImproperlyConfigured


class CoreConfig(AppConfig):
    """Wires core into Django."""

    name = "core"
    verbose_name = "机制"

    def ready(self) -> None:
        """Check the keys, load what registers itself, and put the calendar into the admin.

        (Not in core/admin.py, which the site itself is loaded from.)
        """
        from django.contrib import admin

        import core.api.schema  # names the API's authentication in its document
        import core.tasks  # noqa: F401  tells core.jobs how a worker is called
        from core.admin import CalendarDayAdmin
        from core.crypto import check_keys
        from core.models import CalendarDay

        try:
            check_keys()
        except ImproperlyConfigured as error:
            sys.exit(f"{error}（见 deploy/env.example）")
        admin.site.register(CalendarDay, CalendarDayAdmin)
