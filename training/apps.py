"""Application entry of training."""

from django.apps import AppConfig


class TrainingConfig(AppConfig):
    """Wires training into Django."""

    name = "training"
    verbose_name = "培训学习"

    def ready(self) -> None:
        """Register the tables of actions and the kinds of messages."""
        from core import inbox
        from training import workflow  # noqa: F401 - importing registers the tables of actions
        from training.services import timetable  # noqa: F401 - the timetable's actions have words in the trail

        inbox.register_kind("class", "培训班", "class", "enrolment")
