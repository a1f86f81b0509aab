"""Application entry of assessment."""

from django.apps import AppConfig


class AssessmentConfig(AppConfig):
    """Wires assessment into Django."""

    name = "assessment"
    verbose_name = "考核评价"

    def ready(self) -> None:
        """Register the tables of actions."""
        from assessment import workflow  # noqa: F401
