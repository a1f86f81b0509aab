"""The organisation tree: creating, renaming with dates, moving with everything below, closing."""

import datetime as dt
import threading

import pytest
from django.db import IntegrityError, connection, transaction

from accounts.models import Grant, Unit
from accounts.services.units import close_unit, create_unit, move_unit, rename_unit, update_unit
from core.calendar import today
from core.errors import Invalid, NotAllowed, NotFound, WrongMoment
from core.models import AuditEntry
from tests.factories import make_unit, make_user

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


def test_a_unit_is_created_under_its_parent(tree, hr):
    unit = create_unit(
        by=hr, code="SL-Z01-09", name="东河镇 新建小学", kind="school", parent=tree.central_east
    )

    assert unit.path == f"{tree.central_east.path}{unit.pk}/"
    assert (unit.name, unit.initials) == ("东河镇新建小学", "dhzxjxx")
    assert [(each.name, each.end) for each in unit.names.all()] == [("东河镇新建小学", None)]
    assert AuditEntry.objects.get().action == "unit.create"


@pytest.mark.parametrize(
    "change, field",
    [
        ({"code": "SL-Z01-01"}, "code"),
        ({"name": "东河镇红旗小学"}, "name"),
        ({"name": " "}, "name"),
        ({"kind": "bureau"}, "parent"),
        ({"kind": "central"}, "parent"),
        ({"kind": "palace"}, "kind"),
    ],
)
def test_what_does_not_fit_is_refused_and_nothing_is_written(tree, hr, change, field):
    given = {"code": "NEW", "name": "新小学", "kind": "school", "parent": tree.central_east, **change}
    before = Unit.objects.count()
    with pytest.raises(Invalid) as refusal:
        create_unit(by=hr, **given)
    assert field in refusal.value.errors
    assert Unit.objects.count() == before
    assert not AuditEntry.objects.exists()


def test_only_who_maintains_units_creates_them(tree, principal_east, central_east, sysadmin):
    for user, error in ((principal_east, NotAllowed), (central_east, NotAllowed), (sysadmin, NotFound)):
        with pytest.raises(error):
            create_unit(by=user, code="N", name="新", kind="school", parent=tree.school_east)
    assert not Unit.objects.filter(code="N").exists()


def test_the_root_is_made_once_and_from_the_command_line(db):
    hr_less = make_user()
    with pytest.raises(NotAllowed):
        create_unit(by=hr_less, code="R", name="局", kind="bureau", parent=None)
    root = create_unit(by=make_user(is_superuser=True), code="R", name="某局", kind="bureau", parent=None)
    assert root.path == f"/{root.pk}/"
    with pytest.raises(Invalid):
        create_unit(by=None, code="R2", name="另一局", kind="bureau", parent=None)


def test_renaming_keeps_the_old_name_with_its_dates(tree, hr):
    unit = rename_unit(by=hr, unit=tree.school_east, name="东河镇第一小学", on=today() - DAY)

    assert Unit.objects.get(pk=unit.pk).name == "东河镇第一小学"
    names = [(each.name, each.end) for each in unit.names.all()]
    assert names == [("东河镇中心小学", today() - DAY), ("东河镇第一小学", None)]
    assert set(Unit.objects.matching("中心小学")) == {tree.school_east, tree.school_west}
    with pytest.raises(Invalid):
        rename_unit(by=hr, unit=unit, name="明天的名字", on=today() + DAY)
    with pytest.raises(Invalid):
        rename_unit(by=hr, unit=unit, name="同一天", on=today() - DAY)
    assert unit.names.count() == 2


def test_moving_takes_everything_below_along(tree, hr):
    point = make_unit("红旗教学点", tree.school_east_2)
    moved = move_unit(by=hr, unit=tree.school_east_2, parent=tree.central_west)

    assert moved.path == f"{tree.central_west.path}{moved.pk}/"
    assert moved.parent == tree.central_west
    assert Unit.objects.get(pk=point.pk).path == f"{moved.path}{point.pk}/"
    entry = AuditEntry.objects.get()
    assert (entry.before, entry.after) == ({"parent": "东河镇中心校"}, {"parent": "西山镇中心校"})


def test_copied_paths_follow_a_move(tree, hr):
    from cadres.models import Cadre

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conname FROM pg_constraint WHERE contype = 'f' AND confupdtype = 'c' AND conrelid = %s::regclass",
            [Cadre._meta.db_table],
        )
        assert cursor.fetchall(), "the copied path of the roster has no composite foreign key"
    cadre = Cadre.objects.create(unit=tree.school_east, name="张三")
    assert cadre.unit_path == tree.school_east.path
    move_unit(by=hr, unit=tree.school_east, parent=tree.central_west)
    cadre.refresh_from_db()
    assert cadre.unit_path == Unit.objects.get(pk=tree.school_east.pk).path
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    with pytest.raises(IntegrityError), transaction.atomic():
        Cadre.objects.filter(pk=cadre.pk).update(unit_path="/1/")


def test_a_unit_cannot_hang_under_itself_or_where_its_kind_does_not_fit(tree, hr):
    point = make_unit("教学点", tree.school_east)
    for unit, parent in (
        (tree.school_east, point),
        (tree.school_east, tree.school_east),
        (tree.central_east, tree.central_west),
        (tree.bureau, tree.central_east),
    ):
        path = unit.path
        with pytest.raises(Invalid):
            move_unit(by=hr, unit=unit, parent=parent)
        assert Unit.objects.get(pk=unit.pk).path == path


@pytest.mark.django_db(transaction=True)
def test_two_moves_at_once_make_no_circle(tree, hr):
    first, second = make_unit("甲校", tree.bureau), make_unit("乙校", tree.bureau)
    gate, outcomes = threading.Barrier(2), []

    def move(unit, parent):
        gate.wait()
        try:
            outcomes.append(move_unit(by=hr, unit=unit, parent=parent))
        except Invalid as error:
            outcomes.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=move, args=pair) for pair in ((first, second), (second, first))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(type(each).__name__ for each in outcomes) == ["Invalid", "Unit"]
    for unit in Unit.objects.select_related("parent").exclude(parent=None):
        assert unit.path == f"{unit.parent.path}{unit.pk}/"


def test_closing_ends_grants_and_keeps_the_unit(tree, hr, principal_east):
    closed = close_unit(by=hr, unit=tree.school_east, on=today(), successors=[tree.school_east_2])

    assert closed.is_closed
    assert list(closed.successors.all()) == [tree.school_east_2]
    assert Grant.objects.get(user=principal_east).end == today()
    assert tree.school_east not in Unit.objects.open()
    with pytest.raises(WrongMoment):
        close_unit(by=hr, unit=closed, on=today())
    with pytest.raises(WrongMoment):
        create_unit(by=hr, code="N", name="新", kind="school", parent=closed)


def test_a_unit_with_open_units_below_is_not_closed(tree, hr):
    with pytest.raises(WrongMoment):
        close_unit(by=hr, unit=tree.central_east, on=today())
    assert not Unit.objects.get(pk=tree.central_east.pk).is_closed


def test_plain_facts_are_edited_with_before_and_after(tree, hr):
    update_unit(by=hr, unit=tree.school_east, changes={"headcount": 7, "is_rural": True})
    entry = AuditEntry.objects.get()
    assert (entry.before, entry.after) == ({"headcount": 3}, {"headcount": 7})
    with pytest.raises(Invalid):
        update_unit(by=hr, unit=tree.school_east, changes={"path": "/1/"})


def test_the_database_keeps_a_path_in_step_with_its_row(tree):
    with pytest.raises(IntegrityError), transaction.atomic():
        Unit.objects.filter(pk=tree.school_east.pk).update(path=f"{tree.school_east.path}9/")


@pytest.mark.parametrize("text", ["dhz", "donghezhenhong", "红旗", "SL-Z01-02"])
def test_units_are_found_by_name_pinyin_initials_and_code(tree, text):
    assert tree.school_east_2 in Unit.objects.matching(text)
