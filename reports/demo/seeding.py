"""Seeding: the whole demo district in one transaction, the same for the same seed and day."""

from __future__ import annotations

from random import Random

from django.core.management import call_command
from django.db import transaction

from accounts.models import Unit
from cadres.models import Appointment, Cadre
from cadres.services.people import create_cadre, edit_cadre
from cadres.services.roster_accounts import create_accounts_for
from core.calendar import add_months, today
from core.inbox import send
from core.partial_dates import PartialDate
from programs.models import Call
from reports.demo import cases
from reports.demo.accounts import Accounts
from reports.demo.approval_forms import bring_forms
from reports.demo.assessments import make_assessments
from reports.demo.classes import make_classes
from reports.demo.desk_records import make_desk_records
from reports.demo.development import make_petitions, make_plans
from reports.demo.histories import Histories
from reports.demo.people import Roster, analyse
from reports.demo.queries import save_queries
from reports.demo.reorganised import merge_a_school
from reports.demo.requests import make_requests
from reports.demo.tree import Tree, plant
from reports.demo.windows import present_and_past
from reports.quality.checking import check_roster

# How many schools take part in each earlier batch.
BATCHES = {"school": (2, 4), "district": (5, 9), "city": (5, 9)}


def is_seeded() -> bool:
    """Whether the demo district is there already."""
    return Unit.objects.filter(code="SL").exists()


def seed(size: str, number: int, password: str) -> int:
    """Make the demo district and return how many cadres it has; all of it or nothing."""
    random = Random(number)  # noqa: S311 - invented people, no secret
    with transaction.atomic():
        call_command("load_codes", verbosity=0, stdout=_Silence())
        tree = plant(size, random)
        roster = Roster(tree, size, random)
        people = roster.write()
        Histories(roster).write()
        analyse()
        accounts = Accounts(tree, password)
        accounts.create_personas()
        call_command("load_schemes", verbosity=0, stdout=_Silence())
        _cases(tree, accounts, size)
        bring_forms(tree, accounts)
        _propose_grants(tree, accounts)
        _greet(accounts)
        save_queries(accounts)
        _duplicate(tree, accounts)
        merge_a_school(tree, accounts)
        _of_record(tree, accounts)
        make_assessments(tree, accounts)
        make_desk_records(tree, accounts)
        check_roster()
    return len(people)


class _Silence:
    """Takes what the commands say; the demo prints its own lines."""

    def write(self, text: str) -> None:
        """Drop a line."""


def _cases(tree: Tree, accounts: Accounts, size: str) -> None:
    templates = list(Call.objects.templates().order_by("opens_at"))
    present, past = present_and_past(templates, today())
    desk = cases.Desk(tree, accounts, set())
    special = _special(desk)
    make_requests(special, desk.hr)
    make_plans(special, accounts["mentor"], desk.hr)
    make_petitions(special, desk.hr)
    make_classes(tree, accounts, special)
    stock = cases.make_bases(desk)
    first, second = BATCHES[size]
    # Earlier batches take other schools than the present call, so that everybody has people left to nominate.
    pool = [school for school in tree.schools[::-1] if school.pk != special.unit_id]
    if len(past) > 1:
        cases.earlier_years(desk, past[1], pool[:first], stock)
    if past:
        wanted = [special.unit, *pool[first : first + second - 1]]
        if len(wanted) < second:
            wanted += pool[: second - len(wanted)]
        cases.running_batch(desk, past[0], wanted, stock, special)
    cases.present_call(desk, present)


def _special(desk: cases.Desk) -> Cadre:
    """The persona who is away on secondment: a young deputy of the East's last school."""
    east = [school for school in desk.tree.schools if school.parent_id == desk.tree.centrals[0].pk]
    posts = Appointment.objects.filter(unit=east[-1], is_main=True, end=None, post__category="deputy")
    chosen = posts.select_related("cadre").order_by("-cadre__birth")[0].cadre
    desk.accounts.be("cadre", chosen)
    desk.used.add(chosen.pk)
    return Cadre.objects.select_related("unit").get(pk=chosen.pk)


def _propose_grants(tree: Tree, accounts: Accounts) -> None:
    """Open accounts for a few more heads: their roles wait for the security administrator."""
    heads = Appointment.objects.main().filter(
        unit__in=tree.direct[2:6] or tree.schools[-1:], end=None, post__category="head", cadre__user=None
    )
    people = [each.cadre for each in heads.select_related("cadre").order_by("pk")]
    if people:
        create_accounts_for(cadres=people, by=accounts["sysadmin"])


def _duplicate(tree: Tree, accounts: Accounts) -> None:
    """Somebody entered twice, once at a former school without a number: for the data-quality desk."""
    serving = Cadre.objects.filter(unit=tree.schools[-2]).exclude(id_index=None).order_by("pk")
    known = serving.filter(birth__isnull=False).first()
    if known is not None:
        create_cadre(
            by=accounts["hr"], unit=tree.schools[-1], name=known.name, gender=known.gender, birth=known.birth_date,
            phone=known.phone, native_place=known.native_place,
        )  # fmt: skip


def _of_record(tree: Tree, accounts: Accounts) -> None:
    """Somebody whose birth the file of record gives other than the identity number: to be left, with a reason."""
    serving = Cadre.objects.filter(unit=tree.schools[-2], birth__isnull=False).exclude(id_index=None)
    known = serving.order_by("-pk").first()
    if known is not None and known.birth is not None:
        recorded = PartialDate.of(add_months(known.birth, -2), "month")
        edit_cadre(cadre=known, by=accounts["hr"], birth=recorded, note="出生年月以档案认定为准。")


def _greet(accounts: Accounts) -> None:
    """Those for whom nothing waits yet find out why."""
    send(
        accounts["discipline"],
        "demo:welcome",
        title="目前没有需要您办理的事项",
        body="有监督任务时，会在这里通知您，并出现在首页待办。",
    )
