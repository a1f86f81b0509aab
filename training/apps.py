"""Application entry of training."""

from django.apps import AppConfig


class TrainingConfig(AppConfig):
    """Wires training into Django."""

    name = "training"
    verbose_name = "培训学习"

    def ready(self) -> None:
        """Register the tables of actions, the kinds of messages and what a unit's change means for classes."""
        from cadres.services import consequences
        from core import inbox
        from training import workflow  # noqa: F401 - importing registers the tables of actions
        from training.services import enrolments, targets, timetable, unit_changes  # noqa: F401 - words in the trail

        consequences.register(unit_changes.told_of_change)
        inbox.register_kind("class", "培训班", "class", "enrolment")
