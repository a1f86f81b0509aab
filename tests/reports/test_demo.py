"""The demo district: believable on any day, the same for the same seed, with work for every persona."""

import datetime as dt
from random import Random

import pytest
from django.db import transaction
from django.test import override_settings

from accounts.models import User
from assessment.models import RelationResult, Round, SubjectResult
from cadres.models import Appointment, ApprovalForm, Cadre, CadreMerge, RosterImport
from cadres.personnel_form.mapping import forms_of
from cadres.services.codes import load_codes
from core.calendar import add_months
from core.todo import todos_for
from programs.models import Participation, ParticipationDecision
from reports.demo.people import Roster
from reports.demo.personas import CHARACTERS
from reports.demo.seeding import seed
from reports.demo.tree import plant
from reports.models import ColumnChoice

ACTORS = (
    "hr", "party", "central-east", "principal-east", "principal-west", "host", "expert", "rater", "cadre",
)  # fmt: skip


# First in this file: it builds on an empty database, and a day's district stays up for the tests below.
@pytest.mark.django_db
def test_the_same_seed_makes_the_same_people(settings):
    settings.DEMO_TODAY = "2026-11-20"
    seen = []
    for _ in range(2):
        with transaction.atomic():
            seed("school", 1, "Demo-pass-123")
            seen.append(list(Cadre.objects.order_by("pk").values_list("name", "birth")))
            transaction.set_rollback(True)
    assert seen[0] == seen[1]
    assert all(birth < dt.date(2010, 1, 1) for _, birth in seen[0])
    load_codes()
    random = Random(2)
    others = Roster(plant("school", random), "school", random).write()
    assert not {each.name for each in others} <= {name for name, _ in seen[0]}
    assert list(Cadre.objects.order_by("pk").values_list("name", "birth")) != seen[0][: len(others)]


DAYS = ["2026-11-20", "2026-03-15", "2028-02-29"]


@pytest.fixture(scope="module", params=DAYS)
def day(request, django_db_setup, django_db_blocker, tmp_path_factory):
    """A day whose district stands: built once for all tests that ask about it, and rolled back after them."""
    shown = override_settings(DEMO_TODAY=request.param, MEDIA_ROOT=tmp_path_factory.mktemp("media"))
    with django_db_blocker.unblock(), shown, transaction.atomic():
        assert seed("school", 1, "Demo-pass-123") >= 30
        yield request.param
        transaction.set_rollback(True)


@pytest.mark.django_db
def test_every_persona_has_something_to_do_on_any_day(day):
    assert User.objects.filter(username__in=[each.username for each in CHARACTERS]).count() == len(CHARACTERS)
    for username in ACTORS:
        assert todos_for(User.objects.get(username=username)), username


@pytest.mark.django_db
def test_one_stay_was_broken_off_and_one_runs_longer(day):
    (broken,) = Participation.objects.filter(status="cancelled")
    assert broken.stints.get().end == broken.end < dt.date.fromisoformat(day)
    assert broken.nomination.get_state_display() == "已通过 · 安排已取消"
    assert broken.appraisals.get().status == "filed"
    (longer,) = ParticipationDecision.objects.filter(action="rearrange")
    assert longer.obj.cadre.user.username == "cadre"
    assert longer.obj.stints.get().end == longer.obj.end
    assert longer.obj.appraisals.get().due == longer.obj.end + dt.timedelta(days=7)
    assert add_months(longer.obj.start, 7) <= longer.obj.end + dt.timedelta(days=1)


@pytest.mark.django_db
@pytest.mark.parametrize("day", DAYS[:1], indirect=True)
def test_the_personas_form_is_full_and_its_cv_agrees_with_the_posts(day):
    kept = ApprovalForm.objects.count()
    assert kept >= 5
    cadre = Cadre.objects.get(user__username="cadre")
    form = forms_of([cadre.pk])[cadre.pk]
    for element in (
        "NiRenZhiWu",
        "NiMianZhiWu",
        "RenMianLiYou",
        "ChengBaoDanWei",
        "TianBiaoRen",
        "ChuShengDi",
    ):
        assert form[element], element
    assert len(form.family) >= 1
    assert cadre.photo is not None
    held = Appointment.objects.filter(cadre=cadre, is_main=True)
    lines = form["JianLi"].split("\n")
    for post in held:
        assert any(f"{post.start:%Y.%m}--" in line and post.title in line for line in lines), post


@pytest.mark.django_db
@pytest.mark.parametrize("day", DAYS[:1], indirect=True)
def test_the_desk_has_an_import_with_a_row_sent_back_a_merger_and_a_template(day):
    imported = RosterImport.objects.get(kind=RosterImport.Kind.ROSTER)
    assert (imported.summary["new"], imported.summary["rejected"]) == (2, 1)
    assert imported.committed_at
    assert imported.rejected_file.name.endswith(".xlsx")
    merged = CadreMerge.objects.get()
    assert merged.kept.name == merged.gone_name
    assert ColumnChoice.objects.get().owner.username == "hr"


@pytest.mark.django_db
def test_a_round_stands_in_every_state_and_one_relation_is_held_back(day):
    states = Round.objects.values_list("status", flat=True).order_by("status")
    assert list(states) == ["closed", "draft", "open", "published"]
    held_back = RelationResult.objects.filter(score=None, received__gt=0)
    assert {each.relation.kind for each in held_back.select_related("relation")} == {"peer"}
    assert all(each.total is not None for each in SubjectResult.objects.all())
    assert not Round.objects.filter(status="draft").get().subjects.exclude(invitations=None).exists()
