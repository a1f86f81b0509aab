"""Application entry of core."""

from django.apps import AppConfig


class CoreConfig(AppConfig):
    """Wires core into Django."""

    name = "core"
    verbose_name = "机制"

    def ready(self) -> None:
        """Load what registers itself, and put the calendar into the admin.

        (Not in core/admin.py, which the site itself is loaded from.)
        """
        from django.contrib import admin

        import core.api.schema  # names the API's authentication in its document
        import core.tasks  # noqa: F401  tells core.jobs how a worker is called
        from core.admin import CalendarDayAdmin
        from core.models import CalendarDay

        admin.site.register(CalendarDay, CalendarDayAdmin)
