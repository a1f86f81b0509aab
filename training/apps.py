"""Application entry of training."""

from typing import Any

from django.apps import AppConfig


class TrainingConfig(AppConfig):
    """Wires training into Django."""

    name = "training"
    verbose_name = "培训学习"

    def ready(self) -> None:
        """Register the tables of actions, what other apps' pages show of training, and what a unit's change means."""
        from cadres.services import consequences
        from cadres.services.ties import has_record
        from core import inbox, navigation, panels, started, todo
        from training import todos, workflow  # noqa: F401 - importing registers the tables of actions
        from training.services import enrolments, targets, timetable, unit_changes  # noqa: F401 - words in the trail

        consequences.register(unit_changes.told_of_change)
        inbox.register_kind("class", "培训班", "class", "enrolment")

        entry = navigation.Entry
        navigation.register(entry("培训", "school", "class-list", capability="class.view", order=40))
        navigation.register(
            entry("我的培训", "school", "my-training", when=is_cadre_only, order=40, covers=("class-list",))
        )
        navigation.register(entry("我的培训", "school", "my-training", when=has_record, place="person"))
        todo.register(todos.waiting)
        started.register(todos.started)
        panels.register(panels.Panel("cadres.cadre", "培训", "panel-cadre-training", order=40))
        panels.register_teller("cadres.cadre", tells_of_cadre)


def is_cadre_only(user: Any) -> bool:
    """Whether a user without a view of classes is on the roster."""
    from cadres.services.ties import has_record

    return not user.holds("class.view") and has_record(user)


def tells_of_cadre(user: Any, cadre: Any) -> list[Any]:
    """A person's classes on the timeline of the person's page."""
    from training.presenting import happenings_of

    return happenings_of(user, cadre)
