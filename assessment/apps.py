"""Application entry of assessment."""

from typing import Any

from django.apps import AppConfig


class AssessmentConfig(AppConfig):
    """Wires assessment into Django."""

    name = "assessment"
    verbose_name = "考核评价"

    def ready(self) -> None:
        """Register the tables of actions, what changes of units mean, the navigation, to-dos, panel and messages."""
        from assessment import presenting, todos, workflow  # noqa: F401
        from assessment.models import Invitation, SubjectResult
        from assessment.services import unit_changes
        from cadres.services import consequences, ties
        from core import inbox, navigation, panels, started, todo

        consequences.register(unit_changes.told_of_change)
        ties.register("rates", lambda user: Invitation.objects.visible_to(user))
        ties.register("rated", lambda user: SubjectResult.objects.own(user))

        entry = navigation.Entry
        covered = ("instrument-list",)
        navigation.register(entry("考核", "scale", "round-list", "round.view", order=50, covers=covered))
        for label, icon, address, order in (
            ("评价", "scale", "round-list", 10),
            ("量表", "list-details", "instrument-list", 20),
        ):
            navigation.register(entry(label, icon, address, "round.view", order=order, place="assessment"))
        # People of the schools and the bureau have their own work in the navigation: theirs stands in the menu.
        rating = ("待评", "checklist", "ballot-list")
        navigation.register(entry(*rating, when=rates_only, order=45))
        navigation.register(entry(*rating, when=rates_besides, order=20, place="person"))
        results = ("测评反馈", "message-report", "own-result-list")
        navigation.register(entry(*results, when=is_cadre_only, order=46))
        navigation.register(entry(*results, when=was_rated, order=25, place="person"))
        todo.register(todos.waiting)
        started.register(presenting.own_rounds)
        inbox.register_kind("round", "评价", "round")
        panels.register(
            panels.Panel("cadres.cadre", "测评结果", "panel-cadre-results", "result.view", order=40)
        )


def rates_only(user: Any) -> bool:
    """Whether a user without a roster of their own was invited to rate."""
    from cadres.services.ties import is_tied

    return not user.holds("cadre.view") and is_tied(user, "rates")


def rates_besides(user: Any) -> bool:
    """Whether a user whose navigation is filled by other work was invited to rate."""
    from cadres.services.ties import is_tied

    return user.holds("cadre.view") and is_tied(user, "rates")


def is_cadre_only(user: Any) -> bool:
    """Whether a user without a roster of their own is on the roster."""
    from cadres.services.ties import has_record

    return not user.holds("cadre.view") and has_record(user)


def was_rated(user: Any) -> bool:
    """Whether a user whose navigation is filled by other work has published results."""
    from cadres.services.ties import is_tied

    return user.holds("cadre.view") and is_tied(user, "rated")
