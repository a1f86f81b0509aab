"""Every list answers with as many statements for three rows as for one: pages, API lists, the admin's tables."""

import datetime as dt
import io
from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import pytest
import time_machine
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext, override_settings
from django.urls import get_resolver, reverse
from python_calamine import CalamineWorkbook

from accounts.views_base import ListPage
from assessment.models import (
    Indicator,
    Instrument,
    Invitation,
    Relation,
    RelationResult,
    Round,
    RoundSubject,
    SubjectResult,
)
from cadres.api.histories import PLURALS
from cadres.models import (
    AnnualAssessment,
    CollectionRow,
    DevelopmentPlan,
    Norm,
    Oversight,
    Petition,
    PoliticalStatus,
    ProfessionalTitle,
    Rank,
    Reorganisation,
    RetirementRule,
    RosterImport,
    RosterImportRow,
)
from cadres.services.corrections import request_correction
from cadres.services.merging import merge_cadres
from core import audit
from core.calendar import add_months, now
from core.models import AuditEntry, CalendarDay, Job, Message
from programs.models import (
    Appraisal,
    AppraisalSection,
    Base,
    Call,
    CentralList,
    Nomination,
    Participation,
    PlacesAccount,
    Program,
    Stint,
)
from reports.models import AnnualReport, ColumnChoice, QualityCheck, QualityFinding, QualityWaiver, SavedQuery
from tests.cadres.everything import make_histories
from tests.expected_answers import ADMIN_TABLES
from tests.factories import make_grant, make_unit, make_user
from tests.programs.factories import make_cadre, make_call, make_code, moment
from tests.routes import all_routes
from tests.stage import NOON, Stage, set_stage
from tests.training import listed
from tests.training.factories import make_class
from tests.training.staged import one_enrolment, one_session

pytestmark = pytest.mark.django_db
_numbers = count(1)
Maker = Callable[[Stage, int], Any]


def _cadre(stage: Stage, number: int) -> Any:
    cadre = make_cadre(stage.tree.school_east)
    ProfessionalTitle.objects.create(cadre=cadre, title_text="一级教师")
    Rank.objects.create(cadre=cadre, kind="rank", name="八级职员")
    PoliticalStatus.objects.create(cadre=cadre, status=make_code("political", "13", "群众"))
    AnnualAssessment.objects.create(cadre=cadre, year=2025, grade="excellent")
    make_histories(cadre)
    return cadre


def _unit_change(stage: Stage, number: int) -> None:
    unit = make_unit(f"旧校{number}", stage.tree.bureau)
    Reorganisation.objects.create(
        unit=unit, into=stage.tree.school_west, kind="merge", on=dt.date(2025, 9, 1), made_at=moment(NOON),
        made_by=stage.people["hr"],
    )  # fmt: skip


def _correction(stage: Stage, number: int) -> None:
    cadre = make_cadre(stage.tree.school_east, user=make_user())
    request_correction(
        cadre=cadre, by=cadre.user, kind="basic", values={"phone": str(number)}, explanation="换号"
    )


def _oversight(stage: Stage, number: int) -> None:
    cadre = make_cadre(stage.tree.school_east)
    Oversight.objects.create(cadre=cadre, kind="inquiry", due=dt.date(2026, 12, 1))


def _petition(stage: Stage, number: int) -> None:
    cadre, day = make_cadre(stage.tree.school_east), dt.date(2026, 11, 1)
    Petition.objects.create(
        cadre=cadre, subject="调动", content="申请", submitted_on=day, due=dt.date(2026, 12, 1)
    )


def _mentored(stage: Stage, number: int) -> None:
    plan = DevelopmentPlan.objects.create(
        cadre=make_cadre(stage.tree.school_east), goals="成长", mentor=stage.people["mentor"],
        start=dt.date(2026, 1, 1),
    )  # fmt: skip
    plan.reviews.create(on=dt.date(2026, 5, 1), progress="按期", reviewed_by=stage.people["mentor"])


def _case(kind: str) -> Maker:
    def make(stage: Stage, number: int) -> Nomination:
        call = stage.call
        unit = stage.tree.school_east if kind in ("inspect", "list") else stage.tree.direct_school
        case = Nomination.objects.create(
            call=call, unit=unit, cadre=make_cadre(unit), filed_by=stage.people["principal_east"],
            status="in_review", step=call.steps.get(kind=kind), submitted_at=moment(NOON), rules_version=1,
        )  # fmt: skip
        case.decisions.model.objects.create(
            obj=case, step=call.steps.get(kind="recommend"), action="pass", label="通过", verdict="办理中",
            from_status="submitted", to_status="in_review", actor=stage.people["hr"], actor_name="hr",
            at=moment(NOON),
        )  # fmt: skip
        return case

    return make


def _undertaking(stage: Stage, number: int) -> Appraisal:
    cadre = make_cadre(stage.tree.school_east)
    days = {"start": dt.date(2026, 5, 1), "end": dt.date(2026, 10, 31)}
    row = Participation.objects.create(
        unit=cadre.unit, cadre=cadre, program=stage.program, year=2026, status="ended", **days
    )
    base = Base.objects.create(unit=stage.tree.bureau, name=f"又一基地{number}", lead=make_user())
    stint = Stint.objects.create(
        participation=row,
        base=base,
        host=stage.people["host"],
        guide=make_user(),
        acting_post="副股长",
        **days,
    )
    made = Appraisal.objects.create(participation=row, stint=stint, due=dt.date(2026, 11, 7))
    AppraisalSection.objects.create(appraisal=made, order=1, heading="表现", text="好")
    return made


def _call(stage: Stage, number: int) -> None:
    program = Program.objects.create(unit=stage.tree.bureau, kind="secondment", name=f"项目{number}")
    call = make_call(stage.program, stage.people["hr"], year=2027 + number % 70, is_open=False)
    Call.objects.filter(pk=call.pk).update(status="open", program=program)


def _report(stage: Stage, number: int) -> None:
    hr = stage.people["hr"]
    job = Job.objects.create(kind="report.annual", status="running", asked_by=hr)
    AnnualReport.objects.create(
        unit=make_unit(parent=stage.tree.bureau),
        year=2026,
        requested_by=hr,
        as_of=dt.date(2026, 11, 20),
        job=job,
    )


def _roster(stage: Stage, number: int) -> None:
    hr = stage.people["hr"]
    preview = Job.objects.create(kind="roster.preview", status="running", asked_by=hr)
    RosterImport.objects.create(
        unit=make_unit(parent=stage.tree.bureau), file=stage.roster.file, uploaded_by=make_user(),
        preview_job=preview,
    )  # fmt: skip


def _files(kind: str) -> Maker:
    def make(stage: Stage, number: int) -> None:
        _roster(stage, number)
        latest = RosterImport.objects.latest("pk")
        RosterImport.objects.filter(pk=latest.pk).update(kind=kind)

    return make


def _list(stage: Stage, number: int) -> None:
    central = make_unit(parent=stage.tree.bureau, kind="central")
    CentralList.objects.create(call=stage.call, unit=central, filed_by=make_user(), filed_at=moment(NOON))


def _account(stage: Stage, number: int) -> None:
    program = Program.objects.create(unit=stage.tree.bureau, kind="secondment", name=f"项目{number}")
    PlacesAccount.objects.create(program=program, year=2026, places=3)


def _grant(stage: Stage, number: int) -> None:
    make_grant(make_user(), "principal", make_unit(parent=stage.tree.central_east))


def _proposal(stage: Stage, number: int) -> None:
    make_grant(make_user(), "principal", make_unit(parent=stage.tree.central_east), confirmed_at=None)


def _unit(stage: Stage, number: int) -> None:
    make_unit(parent=make_unit(parent=stage.tree.bureau, kind="central"))


def _message(stage: Stage, number: int) -> None:
    Message.objects.create(recipient=stage.people["hr"], occasion=f"list{number}", title="请看", url="/")


def _merger(stage: Stage, number: int) -> None:
    kept, gone = (make_cadre(stage.tree.school_east, title="") for _ in range(2))
    merge_cadres(kept=kept, gone=gone, by=stage.people["hr"])


def _finding(stage: Stage, number: int) -> None:
    cadre = make_cadre(stage.tree.school_east)
    QualityFinding.objects.create(rule="no_photo", unit=cadre.unit, cadre=cadre)


def _waiver(stage: Stage, number: int) -> None:
    QualityWaiver.objects.create(
        rule="no_photo",
        cadre=make_cadre(stage.tree.school_east),
        reason="x",
        waived_by=stage.people["hr"],
        waived_at=now(),
    )


def _job(stage: Stage, number: int) -> None:
    Job.objects.create(kind="report.annual", asked_by=stage.people["hr"])


def _query(stage: Stage, number: int) -> None:
    where = {"join": "and", "items": [{"fact": "age", "op": "at_most", "value": number}]}
    hr = stage.people["hr"]
    SavedQuery.objects.create(unit=stage.tree.bureau, owner=hr, name=f"查询{number}", where=where)


def _instrument(stage: Stage, number: int) -> Instrument:
    made = Instrument.objects.create(unit=stage.tree.bureau, name=f"量表{number}", created_by=make_user())
    Indicator.objects.create(instrument=made, order=1, name="德", kind="score", weight=100)
    return made


def _round(stage: Stage, number: int) -> Round:
    held = Round.objects.create(
        unit=stage.tree.bureau, instrument=_instrument(stage, number), title=f"评价{number}", purpose="all_around",
        status="open", period_from=dt.date(2026, 1, 1), period_to=dt.date(2026, 10, 31), opens_at=moment(NOON),
        closes_at=moment("2026-12-20 18:00:00"), created_by=make_user(),
    )  # fmt: skip
    relation = Relation.objects.create(round=held, kind="superior", weight=100, anonymous=False)
    _rated(held, relation, stage)
    return held


def _rated(held: Round, relation: Relation, stage: Stage) -> RoundSubject:
    cadre = make_cadre(stage.tree.school_east)
    subject = RoundSubject.objects.create(round=held, cadre=cadre, unit=cadre.unit)
    Invitation.objects.create(subject=subject, relation=relation, rater=make_user())
    return subject


def _subject(stage: Stage, number: int) -> None:
    _rated(stage.open_round, stage.open_relation, stage)


def _result(stage: Stage, number: int) -> None:
    subject = _rated(stage.closed_round, stage.closed_relation, stage)
    SubjectResult.objects.create(subject=subject, total=80, coverage=100, rank=2)
    RelationResult.objects.create(
        subject=subject, relation=stage.closed_relation, invited=1, received=1, score=80
    )


def _class(stage: Stage, number: int) -> None:
    made = make_class(stage.tree.bureau, stage.people["hr"], is_open=False)
    one_session(made)
    one_enrolment(stage, made)


def _session(stage: Stage, number: int) -> None:
    one_session(stage.open_class)


def _enrolment(stage: Stage, number: int) -> None:
    one_enrolment(stage, stage.open_class)


def _ballot(stage: Stage, number: int) -> None:
    cadre = make_cadre(stage.tree.school_east)
    subject = RoundSubject.objects.create(round=stage.open_round, cadre=cadre, unit=cadre.unit)
    Invitation.objects.create(subject=subject, relation=stage.open_relation, rater=stage.people["host"])


def _own_result(stage: Stage, number: int) -> None:
    held = _round(stage, number)
    subject = RoundSubject.objects.create(round=held, cadre=stage.cadre, unit=stage.cadre.unit)
    SubjectResult.objects.create(subject=subject, total=90, coverage=100, rank=1)
    Round.objects.filter(pk=held.pk).update(status="published")


# Each list: who reads it, what one more row of it is; a name with "?" carries a query.
PAGES: dict[str, tuple[str, Maker]] = {
    "home": ("central_east", _case("inspect")),
    "inbox": ("hr", _message),
    "job-list": ("sysadmin", lambda stage, number: Job.objects.create(kind="report.annual", asked_by=make_user())),
    "user-list": ("sysadmin", lambda stage, number: make_user()),
    "grant-list?tab=current": ("secadmin", _grant),
    "grant-list?tab=proposed": ("secadmin", _proposal),
    "audit-list": ("auditor", lambda stage, number: audit.record("admin.export", by=make_user())),
    "unit-list": ("hr", _unit),
    "cadre-list": ("hr", _cadre),
    "cadre-import": ("hr", _roster),
    "correction-list": ("hr", _correction),
    "petition-list": ("hr", _petition),
    "oversight-list": ("hr", _oversight),
    "reserve-reviews": ("hr", _cadre),
    "plan-reviews?tab=all": ("hr", _mentored),
    "mentoring": ("mentor", _mentored),
    "call-list": ("hr", _call),
    "cadre-import-forms": ("hr", _files("forms")),
    "cadre-import-photos": ("hr", _files("photos")),
    "cadre-import-histories": ("hr", _files("histories")),
    "call-detail": ("principal_east", _case("inspect")),
    "call-file-list": ("central_east", _case("list")),
    "nomination-list?tab=all": ("hr", _case("inspect")),
    "nomination-list?tab=mine": ("central_east", _case("inspect")),
    "agenda": ("party", _case("decide")),
    "participation-list": ("hr", _undertaking),
    "participation-list?": ("host", _undertaking),
    "base-list": ("hr", _undertaking),
    "instrument-list": ("hr", _instrument),
    "round-list": ("hr", _round),
    "round-detail": ("hr", _subject),
    "round-raters": ("hr", _subject),
    "round-progress": ("hr", _subject),
    "round-results": ("hr", _result),
    "round-subject-raters": ("hr", lambda stage, number: Invitation.objects.create(
        subject=stage.open_subject, relation=stage.open_relation, rater=make_user()
    )),
    "home?": ("principal_east", listed.full_class),
    "class-list": ("hr", listed.full_class),
    "class-list?tab=mine": ("principal_east", listed.full_class),
    "class-detail": ("hr", listed.planned_day),
    "class-people": ("principal_east", listed.people_of_class),
    "class-targets": ("hr", listed.meant_person),
    "class-enrol": ("hr", _cadre),
    "my-training": ("cadre_user", listed.own_classes),
    "panel-cadre-training": ("hr", listed.own_classes),
    "report-list": ("hr", _report),
    "cadre-mergers": ("hr", _merger),
    "query-list": ("hr", _query),
    "ballot-list": ("host", _ballot),
    "own-result-list": ("cadre_user", _own_result),
    "quality-list": ("hr", _finding),
    "quality-waived": ("hr", _waiver),
}  # fmt: skip
# What stands in the address of a list beside its name.
ARGUMENTS: dict[str, Callable[[Stage], list[Any]]] = {
    "call-detail": lambda stage: [stage.call.pk],
    "call-file-list": lambda stage: [stage.call.pk],
    "round-detail": lambda stage: [stage.open_round.pk],
    "round-raters": lambda stage: [stage.open_round.pk],
    "round-progress": lambda stage: [stage.open_round.pk],
    "round-results": lambda stage: [stage.closed_round.pk],
    "round-subject-raters": lambda stage: [stage.open_round.pk, stage.open_subject.pk],
    **{name: lambda stage: [stage.open_class.pk] for name in ("class-detail", "class-people", "class-enrol")},
    "class-targets": lambda stage: [stage.limited_class.pk],
    "panel-cadre-training": lambda stage: [stage.cadre.pk],
    "quality-list": lambda stage: ["no_photo"],
    "quality-waived": lambda stage: ["no_photo"],
}
API: dict[str, tuple[str, Maker]] = {
    "api-jobs-list": ("hr", _job),
    "api-units-list": ("hr", _unit),
    "api-posts-list": ("hr", _cadre),
    "api-cadres-list": ("hr", _cadre),
    "api-appointments-list": ("hr", _cadre),
    "api-unit-changes-list": ("hr", _unit_change),
    "api-corrections-list": ("hr", _correction),
    "api-classes-list": ("hr", _class),
    "api-class-sessions-list": ("hr", _session),
    "api-enrolments-list": ("hr", _enrolment),
    "api-programs-list": ("hr", _account),
    **{f"api-{plural}-list": ("hr", _cadre) for plural in PLURALS.values()},
    "api-calls-list": ("hr", _call),
    "api-nominations-list": ("hr", _case("inspect")),
    "api-bases-list": ("hr", _undertaking),
    "api-participations-list": ("hr", _undertaking),
    "api-appraisals-list": ("host", _undertaking),
    "api-reports-list": ("hr", _report),
    "api-instruments-list": ("hr", _instrument),
    "api-rounds-list": ("hr", _round),
    "api-ballots-list": ("host", _ballot),
    "api-results-list": ("cadre_user", _own_result),
    "api-facts-list": ("hr", lambda stage, number: None),
    "api-queries-list": ("hr", _query),
}
ADMIN: dict[str, Maker] = {
    "accounts_unit": _unit,
    "core_calendarday": lambda stage, number: CalendarDay.objects.create(
        date=dt.date(2032, 1, 1) + dt.timedelta(days=number), is_working=False, name="假"
    ),
    "cadres_code": lambda stage, number: make_code("title", f"X{number}", f"职称{number}"),
    "cadres_rosterimport": _roster,
    "cadres_rosterimportrow": lambda stage, number: RosterImportRow.objects.create(
        roster_import=stage.roster, ordinal=number + 1, sheet="名册", row=number + 5, verdict="new", name="章散"
    ),
    "cadres_collectionrow": lambda stage, number: CollectionRow.objects.create(
        roster_import=stage.roster, ordinal=number + 1, sheet="学历", row=number + 5, slug="education", verdict="new"
    ),
    "training_trainingclass": _class,
    "training_enrolment": _enrolment,
    "programs_program": _account,
    "programs_placesaccount": _account,
    "programs_call": _call,
    "programs_nomination": _case("inspect"),
    "programs_centrallist": _list,
    "reports_annualreport": _report,
    "cadres_norm": lambda stage, number: Norm.objects.create(
        measure="women", population="all", direction="at_least", limit=number, basis="x",
        start=dt.date(2030, 1, 1) + dt.timedelta(days=number),
    ),
    "cadres_retirementrule": lambda stage, number: RetirementRule.objects.create(
        category="60", start=add_months(dt.date(2030, 1, 1), number), step_months=4, most_months=36, basis="x"
    ),
    **{f"programs_{name}": _undertaking for name in ("participation", "stint", "base", "appraisal")},
    **{
        f"cadres_{name}": _cadre
        for name in (
            "post", "cadre", "appointment", "personnelrelation", "education", "professionaltitle", "rank",
            "politicalstatus", "annualassessment", "certificate", "honour", "careerline", "talententry",
            "reserveentry", "reservereview", "developmentplan", "planreview", "competenceprofile",
            "bureauevaluation", "familymember", "oversight", "petition", "approvalform", "keptcells",
        )
    },
    "cadres_cadremerge": _merger,
    "cadres_correction": _correction,
    "cadres_reorganisation": _unit_change,
    "reports_savedquery": _query,
    "reports_columnchoice": lambda stage, number: ColumnChoice.objects.create(
        owner=stage.people["hr"], name=f"列{number}", columns=["name", "fact:age"]
    ),
    "reports_qualityfinding": _finding,
    "reports_qualitywaiver": _waiver,
    "reports_qualitycheck": lambda stage, number: QualityCheck.objects.create(
        checked_at=moment(NOON), on=dt.date(2026, 1, 1) + dt.timedelta(days=number)
    ),
    "assessment_instrument": _instrument,
    "assessment_round": _round,
    "assessment_roundsubject": _subject,
}  # fmt: skip
# Lists that leave as a workbook; the roster has an export of its own.
EXPORTED = {
    "correction-list", "plan-reviews", "user-list", "grant-list", "audit-list", "unit-list", "job-list", "nomination-list", "participation-list", "base-list",
    "cadre-mergers", "quality-list", "quality-waived",
    "class-list", "class-people", "class-targets",
}  # fmt: skip
LISTS = PAGES | API | {f"admin:{name}_changelist": ("hr", make) for name, make in ADMIN.items()}


@pytest.fixture(scope="module")
def stage(django_db_setup, django_db_blocker, tmp_path_factory) -> Iterator[Stage]:
    """The situation, written once for the module and rolled back after it."""
    media = override_settings(MEDIA_ROOT=tmp_path_factory.mktemp("media"))
    clock = time_machine.travel(moment(NOON), tick=False)
    with django_db_blocker.unblock(), clock, media, transaction.atomic():
        yield set_stage()
        transaction.set_rollback(True)


def test_every_list_is_in_the_registry():
    registered = {name.split("?")[0] for name in LISTS}
    assert set(ADMIN) == set(ADMIN_TABLES)
    for route in all_routes(get_resolver()):
        view = getattr(route.callback, "view_class", None)
        is_page = isinstance(view, type) and issubclass(view, ListPage)
        is_api = route.name.startswith("api-") and route.name.endswith("-list") and "{" not in route.name
        verbs = getattr(route.callback, "actions", None) or {}
        if is_page or (is_api and verbs.get("get") == "list") or route.name.endswith("_changelist"):
            assert route.name in registered, route.name


@pytest.mark.parametrize("name", sorted(LISTS))
def test_three_rows_cost_what_one_costs(name, stage):
    persona, make = LISTS[name]
    address, _, query = name.partition("?")
    url = f"{reverse(address, args=arguments(address, stage))}?{query}"
    client = Client()
    client.force_login(stage.people[persona], backend="accounts.backends.CapabilityBackend")
    assert client.get(url).status_code == 200
    make(stage, next(_numbers))
    one = statements(client, url)
    for _ in range(2):
        make(stage, next(_numbers))
    three = statements(client, url)
    assert len(three) == len(one), "\n".join(more(one, three))


@pytest.mark.parametrize("name", sorted(name for name in PAGES if name.split("?")[0] in EXPORTED))
def test_a_list_is_handed_out_as_a_workbook_at_the_same_cost(name, stage):
    persona, make = PAGES[name]
    address, _, query = name.partition("?")
    path = reverse(address, args=arguments(address, stage))
    url = f"{path}?{query}&export=xlsx"
    client = Client()
    client.force_login(stage.people[persona], backend="accounts.backends.CapabilityBackend")
    shown = client.get(f"{path}?{query}")
    assert f"{'' if not query else query + '&amp;'}export=xlsx" in shown.content.decode()
    make(stage, next(_numbers))
    one = statements(client, url)
    for _ in range(2):
        make(stage, next(_numbers))
    three = statements(client, url)
    assert len(three) == len(one), "\n".join(more(one, three))
    page = client.get(f"{path}?{query}").context["table"]
    shown_rows = len(page.rows)
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(client.get(url).content)).get_sheet_by_index(0)
    rows = sheet.to_python()
    told = [each for each in page.columns if each.verbose_name and not each.column.exclude_from_export]
    headings = [str(each.verbose_name) for each in told]
    assert rows[1] == headings
    assert len(rows) == shown_rows + 2
    assert not any("<" in str(cell) for row in rows for cell in row)
    assert audit.wording(AuditEntry.objects.order_by("pk").last().action) == "导出列表"


def arguments(address: str, stage: Stage) -> list[Any]:
    """What a list's address takes."""
    return ARGUMENTS.get(address, lambda stage: [])(stage)


def statements(client: Client, url: str) -> list[str]:
    """The statements that an address takes."""
    with CaptureQueriesContext(
        connection,
    ) as caught:
        assert client.get(url).status_code == 200
    return [each["sql"] for each in caught.captured_queries]


def more(one: list[str], three: list[str]) -> list[str]:
    """What is asked more often with three rows, shortened."""
    kinds = [" ".join(sql.split())[:160] for sql in three]
    before = [" ".join(sql.split())[:160] for sql in one]
    return sorted({kind for kind in kinds if kinds.count(kind) > before.count(kind)})
