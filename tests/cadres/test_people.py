"""People: entering, changing, moving, leaving; identity numbers; who may do it."""

import datetime as dt

import pytest
from django.db import IntegrityError, connection, transaction

from accounts.models import Grant
from cadres.identity import check_digit, disagreements, read_identity
from cadres.models import Appointment, Cadre, PersonnelRelation
from cadres.services.people import (
    create_cadre,
    edit_cadre,
    end_relation,
    link_user,
    return_cadre,
    reveal_identity,
    transfer_cadre,
)
from core.calendar import today
from core.errors import Invalid, NotAllowed, NotFound, Stale
from core.models import AuditEntry
from core.versions import version_of
from tests.cadres.factories import identity, make_appointment, make_cadre, month, own

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("number", ["11010519491231002X", "440524188001010014", "310107197605031315"])
def test_known_identity_numbers_have_the_right_check_digit(number):
    assert check_digit(number[:17]) == number[17]


def test_identity_is_read_as_people_write_it():
    found = read_identity("’310107 19760503 1315 ")
    assert (found.number, found.birth, found.gender) == ("310107197605031315", dt.date(1976, 5, 3), "1")
    assert read_identity("11010519491231002x").number == "11010519491231002X"
    assert read_identity("１１０１０５１９４９１２３１００２Ｘ").gender == "2"


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("310107197605031316", "校验位"),
        ("31010719760503131", "18 位"),
        ("310107760503131", "15 位"),
        ("310107197602301310", "日期不存在"),
        ("310107209901011319", "不合理"),
        ("3.10107197605031E+17", "18 位"),
        ("", "18 位"),
    ],
)
def test_wrong_identity_number_says_what_is_wrong_without_repeating_it(text, word):
    with pytest.raises(ValueError) as problem:
        read_identity(text)
    assert word in str(problem.value)
    assert not text or text not in str(problem.value)


def test_disagreement_with_the_number_is_a_warning_only():
    found = read_identity("310107197605031315")
    assert disagreements(found, birth=month("1976-05"), gender="1") == []
    warnings = disagreements(found, birth=month("1975-05"), gender="2")
    assert len(warnings) == 2
    assert "1976年5月" in warnings[0]


def test_create_enters_a_person_with_an_open_relation(tree, hr):
    saved = create_cadre(
        by=hr,
        unit=tree.school_east,
        name=" 张　三 ",
        id_number="310107197605031315",
        relation_start=month("2012-09"),
    )
    cadre = Cadre.objects.get()
    assert saved.warnings == []
    assert (cadre.name, cadre.name_key, cadre.initials, cadre.gender) == ("张三", "zhang san", "zs", "1")
    assert cadre.birth == dt.date(1976, 5, 3)
    relation = PersonnelRelation.objects.get()
    assert (relation.cadre, relation.unit, relation.end, relation.unit_path) == (
        cadre, tree.school_east, None, tree.school_east.path,
    )  # fmt: skip
    assert AuditEntry.objects.filter(action="cadre.create", object_id=str(cadre.pk)).count() == 1


def test_identity_number_lies_encrypted_and_never_in_the_audit(tree, hr):
    number = "310107197605031315"
    cadre = create_cadre(by=hr, unit=tree.school_east, name="张三", id_number=number).cadre
    edit_cadre(cadre=cadre, by=hr, id_number="11010519491231002X")
    with connection.cursor() as cursor:
        cursor.execute("SELECT id_number FROM cadres_cadre")
        assert number not in cursor.fetchone()[0]
        cursor.execute(
            "SELECT string_agg(concat(before, after, note, object_label), ' ') FROM core_auditentry"
        )
        trail = cursor.fetchone()[0]
    assert number not in trail
    assert "11010519491231002X" not in trail
    assert Cadre.objects.get().id_number == "11010519491231002X"


def test_an_identity_number_belongs_to_one_person(tree, hr):
    number = identity()
    make_cadre(tree.school_east, "张三", id_number=number)
    with pytest.raises(Invalid, match="另一位干部"):
        create_cadre(by=hr, unit=tree.school_west, name="李四", id_number=number)
    other = make_cadre(tree.school_west, "王五")
    with pytest.raises(Invalid, match="另一位干部"):
        edit_cadre(cadre=other, by=hr, id_number=number)
    assert Cadre.objects.count() == 2


def test_namesake_of_the_same_birth_is_asked_about(tree, hr):
    make_cadre(tree.school_east, "张三", birth=dt.date(1980, 5, 3))
    with pytest.raises(Invalid) as refused:
        create_cadre(by=hr, unit=tree.school_east, name="张三", birth=month("1980-05"))
    assert "namesake_confirmed" in refused.value.errors
    create_cadre(by=hr, unit=tree.school_east, name="张三", birth=month("1980-05"), namesake_confirmed=True)
    create_cadre(by=hr, unit=tree.school_east, name="张三", birth=month("1981-05"))
    assert Cadre.objects.filter(name="张三").count() == 3


@pytest.mark.parametrize(
    "values",
    [
        {"name": "  "},
        {"birth": month("2090-01")},
        {"birth": month("1980-01"), "work_start": month("1979-07")},
        {"phone": "abc"},
        {"phone": "138****1111"},
    ],
)
def test_impossible_data_are_refused(tree, hr, values):
    with pytest.raises(Invalid):
        create_cadre(by=hr, unit=tree.school_east, **{"name": "张三", **values})
    assert not Cadre.objects.exists()


def test_a_telephone_number_is_kept_as_the_import_keeps_it(tree, hr):
    cadre = create_cadre(by=hr, unit=tree.school_east, name="张三", phone="+86 138-0000-1111").cadre
    assert cadre.phone == "13800001111"
    assert edit_cadre(cadre=cadre, by=hr, phone="0851-2822 1234").cadre.phone == "0851-28221234"


def test_nobody_enters_a_closed_unit(tree, hr):
    tree.school_east_2.valid_to = today()
    tree.school_east_2.save()
    with pytest.raises(Invalid, match="已经撤销"):
        create_cadre(by=hr, unit=tree.school_east_2, name="张三")


def test_only_hr_writes_and_strangers_find_nothing(tree, hr, principal_east, principal_west, sysadmin):
    cadre = make_cadre(tree.school_east, "张三")
    with pytest.raises(NotAllowed):
        edit_cadre(cadre=cadre, by=principal_east, phone="1")
    for stranger in (principal_west, sysadmin):
        with pytest.raises(NotFound):
            edit_cadre(cadre=cadre, by=stranger, phone="1")
    with pytest.raises(NotAllowed):
        create_cadre(by=principal_east, unit=tree.school_east, name="李四")
    cadre.refresh_from_db()
    assert cadre.phone == ""
    assert Cadre.objects.count() == 1
    assert not AuditEntry.objects.filter(action__startswith="cadre.").exists()


def test_edit_keeps_the_number_behind_asterisks_and_writes_nothing_without_a_change(tree, hr):
    number = identity()
    cadre = make_cadre(tree.school_east, "张三", id_number=number)
    edit_cadre(cadre=cadre, by=hr, id_number="5203********0311", phone="13800000000")
    assert Cadre.objects.get().id_number == number
    before = AuditEntry.objects.count()
    edit_cadre(cadre=cadre, by=hr, phone="13800000000")
    assert AuditEntry.objects.count() == before
    edit_cadre(cadre=cadre, by=hr, id_number="")
    assert Cadre.objects.get().id_index is None


def test_renaming_renews_the_search_columns(tree, hr):
    cadre = make_cadre(tree.school_east, "张三")
    edit_cadre(cadre=cadre, by=hr, name="欧阳明")
    assert Cadre.objects.get().name_key == "ou yang ming"
    assert list(Cadre.objects.matching("oym")) == [cadre]


def test_a_stale_form_overwrites_nothing(tree, hr):
    cadre = make_cadre(tree.school_east, "张三")
    seen = version_of(cadre)
    edit_cadre(cadre=cadre, by=hr, phone="13800000001", version=seen)
    with pytest.raises(Stale):
        edit_cadre(cadre=cadre, by=hr, phone="13800000002", version=seen)
    assert Cadre.objects.get().phone == "13800000001"


def test_transfer_moves_the_relation_and_leaves_the_posts(tree, hr):
    cadre = make_cadre(tree.school_east, "张三")
    appointment = make_appointment(cadre)
    transfer_cadre(cadre=cadre, to_unit=tree.school_west, on=dt.date(2026, 8, 1), by=hr)
    cadre.refresh_from_db()
    old, new = PersonnelRelation.objects.order_by("start")
    assert (cadre.unit, cadre.unit_path) == (tree.school_west, tree.school_west.path)
    assert (old.end, old.leaving, new.start, new.unit) == (
        dt.date(2026, 8, 1), "transfer", dt.date(2026, 8, 1), tree.school_west,
    )  # fmt: skip
    appointment.refresh_from_db()
    assert appointment.end is None


@pytest.mark.parametrize("on", [dt.date(2100, 1, 1), dt.date(2009, 1, 1)])
def test_transfer_refuses_the_future_and_the_time_before_the_relation(tree, hr, on):
    cadre = make_cadre(tree.school_east, "张三")
    with pytest.raises(Invalid):
        transfer_cadre(cadre=cadre, to_unit=tree.school_west, on=on, by=hr)
    assert PersonnelRelation.objects.count() == 1


def test_leaving_ends_posts_and_return_opens_the_relation_again(tree, hr):
    cadre = make_cadre(tree.school_east, "张三")
    make_appointment(cadre)
    end_relation(cadre=cadre, on=dt.date(2026, 3, 1), leaving="retired", by=hr)
    assert not Cadre.objects.in_service().exists()
    assert Appointment.objects.get().end == dt.date(2026, 3, 1)
    with pytest.raises(Invalid):
        end_relation(cadre=cadre, on=dt.date(2026, 3, 1), leaving="retired", by=hr)
    with pytest.raises(Invalid):
        return_cadre(cadre=cadre, unit=tree.school_east, on=dt.date(2026, 2, 1), by=hr)
    return_cadre(cadre=cadre, unit=tree.school_west, on=dt.date(2026, 4, 1), by=hr)
    assert Cadre.objects.in_service().get().unit == tree.school_west


def test_leaving_is_no_transfer(tree, hr):
    cadre = make_cadre(tree.school_east, "张三")
    with pytest.raises(Invalid):
        end_relation(cadre=cadre, on=today(), leaving="transfer", by=hr)


def test_the_database_keeps_relations_apart(tree):
    cadre = make_cadre(tree.school_east, "张三")
    with pytest.raises(IntegrityError, match="relation_one_at_a_time"), transaction.atomic():
        PersonnelRelation.objects.create(cadre=cadre, unit=tree.school_west, start=dt.date(2020, 1, 1))
    with pytest.raises(IntegrityError, match="relation_end_has_reason"), transaction.atomic():
        PersonnelRelation.objects.update(end=dt.date(2020, 1, 1))


def test_a_moved_unit_takes_its_people_along_in_the_database(tree):
    cadre = make_cadre(tree.school_east, "张三")
    path = f"{tree.central_west.path}{tree.school_east.pk}/"
    with connection.cursor() as cursor:
        cursor.execute("UPDATE accounts_unit SET path = %s WHERE id = %s", [path, tree.school_east.pk])
    cadre.refresh_from_db()
    assert cadre.unit_path == path
    assert PersonnelRelation.objects.get().unit_path == path


def test_the_database_refuses_a_path_that_is_not_the_units(tree):
    make_cadre(tree.school_east, "张三")
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    with pytest.raises(IntegrityError), transaction.atomic():
        Cadre.objects.update(unit_path=tree.school_west.path)


def test_an_account_belongs_to_one_person_and_never_to_an_administrator(tree, hr, cadre_user, sysadmin):
    first, second = make_cadre(tree.school_east, "张三"), make_cadre(tree.school_east, "李四")
    link_user(cadre=first, user=cadre_user, by=hr)
    with pytest.raises(Invalid):
        link_user(cadre=second, user=cadre_user, by=hr)
    with pytest.raises(Invalid):
        link_user(cadre=second, user=sysadmin, by=hr)
    assert Cadre.objects.get(user=cadre_user) == first


def test_revealing_the_number_needs_right_and_reason_and_is_noted(tree, hr, principal_east, cadre_user):
    number = identity()
    cadre = own(cadre_user, make_cadre(tree.school_east, "张三", id_number=number))
    for reader in (principal_east, cadre_user):
        with pytest.raises(NotAllowed):
            reveal_identity(cadre=cadre, by=reader, reason="看看")
    with pytest.raises(Invalid):
        reveal_identity(cadre=cadre, by=hr, reason="  ")
    assert not AuditEntry.objects.filter(action="cadre.reveal_identity").exists()
    assert reveal_identity(cadre=cadre, by=hr, reason="办理任免审批表") == number
    entry = AuditEntry.objects.get(action="cadre.reveal_identity")
    assert entry.note == "办理任免审批表"
    assert entry.actor_id == hr.pk
    assert Grant.objects.filter(user=cadre_user).count() == 0
