"""Application entry of assessment."""

from django.apps import AppConfig


class AssessmentConfig(AppConfig):
    """Wires assessment into Django."""

    name = "assessment"
    verbose_name = "考核评价"

    def ready(self) -> None:
        """Register the tables of actions, what a change of a unit means for rounds, and the navigation."""
        from assessment import workflow  # noqa: F401
        from assessment.services import unit_changes
        from cadres.services import consequences
        from core import navigation

        consequences.register(unit_changes.told_of_change)

        entry = navigation.Entry
        covered = ("instrument-list",)
        navigation.register(entry("考核", "scale", "round-list", "round.view", order=50, covers=covered))
        for label, icon, address, order in (
            ("评价", "scale", "round-list", 10),
            ("量表", "list-details", "instrument-list", 20),
        ):
            navigation.register(entry(label, icon, address, "round.view", order=order, place="assessment"))
