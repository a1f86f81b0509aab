"""Application entry of assessment."""

from django.apps import AppConfig


class AssessmentConfig(AppConfig):
    """Wires assessment into Django."""

    name = "assessment"
    verbose_name = "考核评价"
