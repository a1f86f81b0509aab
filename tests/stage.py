"""One rich situation for tests that walk over everything: a district at work, with something of every kind.

It is written row by row, since the way to a state has tests of its own. The people of the East are those
the rows are about; the people of the West are the outsiders.
"""

import datetime as dt
import io
from dataclasses import dataclass, field
from typing import Any

from PIL import Image

from accounts.models import Unit, User
from assessment.models import Indicator, Instrument, Invitation, Relation, Round, RoundSubject, SubjectResult
from cadres.models import (
    AnnualAssessment,
    Appointment,
    Cadre,
    Correction,
    DevelopmentPlan,
    Education,
    FamilyMember,
    Oversight,
    Petition,
    PlanReview,
    Post,
    Reorganisation,
    ReserveEntry,
    ReserveReview,
    RosterImport,
)
from cadres.services.corrections import keep_draft, request_correction, take_on_correction
from cadres.services.merging import merge_cadres
from core import audit, files
from core.calendar import now
from core.models import AuditEntry, Job, Message, StoredFile
from programs.models import (
    Appraisal,
    AppraisalSection,
    Base,
    Call,
    CentralList,
    Nomination,
    NominationFile,
    Participation,
    PlacesAccount,
    SecondmentDetail,
    Stint,
)
from reports.models import AnnualReport, ColumnChoice, QualityFinding, QualityWaiver, SavedQuery
from tests.cadres.everything import make_histories
from tests.conftest import Tree, make_tree
from tests.factories import make_grant, make_holder, make_user
from tests.programs.factories import load_county_scheme, make_cadre, make_call, make_code, submitted
from tests.training.staged import training_rows

PERSONAS = (
    "hr", "party", "central_east", "central_west", "principal_east", "principal_west", "host", "mentor",
    "cadre_user", "sysadmin", "secadmin", "auditor",
)  # fmt: skip
NOON = "2026-11-20 12:00:00"
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c4944415478da63f8cfc0000003010100"
    "c9fe92ef0000000049454e44ae426082"
)


@dataclass
class Stage:
    """The situation: units, people, and the rows by name."""

    tree: Tree
    people: dict[str, User] = field(default_factory=dict)
    rows: dict[str, Any] = field(default_factory=dict)

    def __getattr__(self, name: str) -> Any:
        """A row by its name."""
        try:
            return self.__dict__["rows"][name]
        except KeyError:
            raise AttributeError(name) from None


def _other_photo(by: User) -> StoredFile:
    """A photo other than the one that everybody has."""
    out = io.BytesIO()
    Image.new("RGB", (4, 5), "navy").save(out, "PNG")
    return files.store(out.getvalue(), name="new.png", kind="image", by=by)


def make_people(tree: Tree) -> dict[str, User]:
    """The named cast."""
    held = {
        "hr": tree.bureau, "party": tree.bureau, "sysadmin": tree.bureau, "secadmin": tree.bureau,
        "auditor": tree.bureau, "central_east": tree.central_east, "central_west": tree.central_west,
        "principal_east": tree.school_east, "principal_west": tree.school_west,
    }  # fmt: skip
    people = {
        name: make_holder(name.replace("_", "-"), name, name.split("_")[0], unit)
        for name, unit in held.items()
    }
    for name in ("host", "mentor", "cadre_user"):
        people[name] = make_user(name.replace("_", "-"), name)
    return people


def set_stage() -> Stage:
    """Write everything; call it with the clock at NOON."""
    tree = make_tree()
    stage = Stage(tree, make_people(tree))
    _roster(stage)
    stage.rows = make_histories(stage.cadre) | stage.rows
    _calls(stage)
    _nominations(stage)
    _undertakings(stage)
    _papers(stage)
    _confidential(stage)
    _assessments(stage)
    stage.rows |= training_rows(stage)
    return stage


def _roster(stage: Stage) -> None:
    tree, people = stage.tree, stage.people
    cadre = make_cadre(tree.school_east, "甘步", user=people["cadre_user"], id_number="310107199505200018")
    stored = files.store(PNG, name="photo.png", kind="image", by=people["hr"])
    Cadre.objects.filter(pk=cadre.pk).update(photo=stored)
    left = make_cadre(tree.school_east, "辞去", title="")
    left.personnelrelations.update(end=dt.date(2025, 9, 1), leaving="resigned")
    twins = [make_cadre(tree.school_east, name, title="") for name in ("并甲", "并乙")]
    stage.rows |= {
        "unit_change": Reorganisation.objects.create(
            unit=tree.school_east,
            into=tree.school_east_2,
            kind="split",
            on=dt.date(2025, 9, 1),
            made_at=now(),
            made_by=people["hr"],
        ),
        "merger": merge_cadres(kept=twins[0], gone=twins[1], by=people["hr"]),
        "cadre": Cadre.objects.get(pk=cadre.pk),
        "left": left,
        "colleague": make_cadre(tree.school_east, "同东", title="教导主任", category="middle"),
        "western": make_cadre(tree.school_west, "向西"),
        "post": Post.objects.filter(unit=tree.school_east).first(),
        "appointment": Appointment.objects.get(cadre=cadre),
        "education": Education.objects.get(cadre=cadre),
        "assessment": AnnualAssessment.objects.create(cadre=cadre, year=2025, grade="excellent"),
    }


def _calls(stage: Stage) -> None:
    hr = stage.people["hr"]
    program = load_county_scheme(stage.tree.bureau)
    call = make_call(program, hr)
    closed = make_call(program, hr, year=2025, is_open=False)
    Call.objects.filter(pk=closed.pk).update(status="closed")
    stage.rows |= {
        "program": program,
        "template": program.calls.templates().first(),
        "call": call,
        "closed_call": Call.objects.get(pk=closed.pk),
        "draft_call": make_call(program, hr, season="春季批", year=2027, is_open=False),
        "account": PlacesAccount.objects.get(calls=call),
    }


def _nominations(stage: Stage) -> None:
    tree, people, call = stage.tree, stage.people, stage.call
    case = submitted(call, stage.cadre, people["principal_east"])
    steps = {each.kind: each for each in call.steps.all()}
    shared = {"call": call, "filed_by": people["principal_east"], "submitted_at": now()}

    def at(kind: str, unit: Unit, name: str, **fields: Any) -> Nomination:
        values = {**shared, "status": "in_review", "step": steps[kind], "rules_version": 1, **fields}
        return Nomination.objects.create(unit=unit, cadre=make_cadre(unit, name), **values)

    stored = files.store(b"%PDF-1.4\n%%EOF\n", name="paper.pdf", kind="document", by=people["hr"])
    returned = at("inspect", tree.school_east, "回补", status="returned", return_due=dt.date(2026, 12, 1))
    stage.rows |= {
        "case": case,
        "draft": at("recommend", tree.school_east, "草拟", status="draft", step=None, submitted_at=None),
        "returned": returned,
        "listing": at("list", tree.school_east_2, "待列"),
        "checking": at("check", tree.direct_school, "待核"),
        "deciding": at("decide", tree.direct_primary, "待定"),
        "western_case": at("inspect", tree.school_west, "西推", status="submitted"),
        "filed_list": CentralList.objects.create(
            call=call, unit=tree.central_west, filed_by=people["central_west"], filed_at=now()
        ),
        "paper": NominationFile.objects.create(nomination=returned, file=stored),
    }


def _undertakings(stage: Stage) -> None:
    tree, people = stage.tree, stage.people
    base = Base.objects.create(
        unit=tree.bureau, name="人事教育股", host_unit=tree.section, lead=people["host"]
    )

    def undertaking(cadre: Cadre, status: str, start: dt.date, end: dt.date) -> tuple[Participation, Stint]:
        row = Participation.objects.create(
            unit=cadre.unit,
            cadre=cadre,
            program=stage.program,
            year=2026,
            status=status,
            start=start,
            end=end,
        )
        SecondmentDetail.objects.create(participation=row, problems="校本研修怎样做实。")
        stint = Stint.objects.create(
            participation=row, base=base, host=people["host"], guide=people["mentor"], acting_post="副股长",
            start=start, end=end,
        )  # fmt: skip
        return row, stint

    def appraisal(row: Participation, stint: Stint, **fields: Any) -> Appraisal:
        made = Appraisal.objects.create(participation=row, stint=stint, due=dt.date(2026, 11, 7), **fields)
        for order in (1, 2):
            AppraisalSection.objects.create(
                appraisal=made, order=order, heading=f"第{order}项", text="表现很好" if fields else ""
            )
        return made

    days = (dt.date(2026, 5, 1), dt.date(2026, 10, 31))
    ended, stint = undertaking(stage.cadre, "ended", *days)
    over, over_stint = undertaking(make_cadre(tree.school_east, "鉴完"), "ended", *days)
    active, _ = undertaking(
        make_cadre(tree.school_east, "在挂"), "active", dt.date(2026, 9, 1), dt.date(2027, 2, 28)
    )
    written = {
        "status": "filed", "grade": "good", "author": people["host"], "filed_at": now(),
    }  # fmt: skip
    stage.rows |= {
        "base": base,
        "ended": ended,
        "stint": stint,
        "appraisal": appraisal(ended, stint),
        "over": over,
        "filed": appraisal(over, over_stint, **written),
        "active": active,
        "pending": Participation.objects.create(
            unit=tree.school_east,
            cadre=make_cadre(tree.school_east, "待派"),
            program=stage.program,
            year=2026,
        ),
    }


def _papers(stage: Stage) -> None:
    tree, people = stage.tree, stage.people
    hr = people["hr"]
    stored: StoredFile = files.store(b"a,b\n1,2\n", name="out.csv", kind="any", by=hr)
    done = {"status": "done", "asked_by": hr, "progress": 100, "result": {}, "result_file": stored}
    job = Job.objects.create(kind="report.annual", **done)
    report = AnnualReport.objects.create(
        unit=tree.bureau, year=2026, requested_by=hr, as_of=dt.date(2026, 11, 20), file=stored, job=job,
        figures={"overview": []},
    )  # fmt: skip
    audit.record("admin.export", by=hr)
    proposal_for = make_user("newcomer", "辛来")
    stage.rows |= {
        "job": job,
        "running": Job.objects.create(kind="report.annual", status="running", asked_by=hr),
        "report": report,
        "message": Message.objects.create(recipient=hr, occasion="stage", title="请看", url="/"),
        "entry": AuditEntry.objects.latest("id"),
        "newcomer": proposal_for,
        "proposal": make_grant(proposal_for, "principal", tree.school_east, confirmed_at=None),
        "roster": RosterImport.objects.create(
            unit=tree.bureau,
            file=stored,
            uploaded_by=hr,
            previewed_at=now(),
            summary={"rejected": 1, "new": 1},
        ),
        "query": SavedQuery.objects.create(
            unit=tree.bureau,
            owner=hr,
            name="青年",
            where={"join": "and", "items": [{"fact": "age", "op": "at_most", "value": 35}]},
        ),
        "column_choice": ColumnChoice.objects.create(owner=hr, name="常用", columns=["name"]),
        "query_job": Job.objects.create(kind="query.export", status="running", asked_by=hr),
        "broken_rule": QualityFinding.objects.create(
            rule="no_photo", unit=stage.cadre.unit, cadre=stage.cadre
        ),
        "waiver": QualityWaiver.objects.create(
            rule="no_phone", cadre=stage.cadre, reason="x", waived_by=hr, waived_at=now()
        ),
        "quality_job": Job.objects.create(kind="quality.check", status="running", asked_by=hr),
        "exporting": Job.objects.create(kind="roster.export", status="running", asked_by=hr),
    }


def _confidential(stage: Stage) -> None:
    """Family, oversight, requests, the reserve pool: what only HR and partly the person sees."""
    cadre, day = stage.cadre, dt.date(2026, 10, 8)
    entry = ReserveEntry.objects.create(cadre=cadre, category="deputy", start=dt.date(2024, 1, 1))
    asker = stage.people["cadre_user"]

    def correction(kind: str, values: dict[str, Any], record: Any = None) -> Correction:
        proof = files.store(b"%PDF-1.4\n%%EOF\n", name="proof.pdf", kind="document", by=asker)
        return request_correction(
            cadre=cadre,
            by=asker,
            kind=kind,
            values=values,
            explanation="登记有误",
            record=record,
            proof=proof,
        )

    mentored = DevelopmentPlan.objects.create(
        cadre=stage.colleague, goals="独当一面", mentor=stage.people["mentor"], start=dt.date(2026, 1, 1)
    )
    returned = correction("education", {"school": "示例大学"}, stage.education)
    take_on_correction(correction=returned, action="return", by=stage.people["hr"], comment="请附毕业证书")
    stage.rows |= {
        "relative": FamilyMember.objects.create(
            cadre=cadre, relation=make_code("relation", "1", "妻子"), name="同东", kin=stage.colleague
        ),
        "oversight": Oversight.objects.create(
            cadre=cadre, kind="admonition", start=day, due=day, content="谈话"
        ),
        "petition": Petition.objects.create(
            cadre=cadre, subject="调动", content="申请调动", submitted_on=day, due=dt.date(2026, 12, 1)
        ),
        "reserved": entry,
        "mentored_plan": mentored,
        "mentored_review": PlanReview.objects.create(
            plan=mentored,
            on=dt.date(2026, 7, 1),
            progress="按期",
            by_mentor=True,
            reviewed_by=stage.people["mentor"],
        ),
        "correction": correction("basic", {"native_place": "贵州遵义"}),
        "returned_correction": returned,
        "photo_correction": request_correction(
            cadre=cadre, by=asker, kind="photo", values={}, explanation="", photo=_other_photo(asker)
        ),
        "draft_correction": keep_draft(cadre=cadre, by=asker, kind="honour", typed={"name": "优秀教师"}),
        "reserve_review": ReserveReview.objects.create(entry=entry, year=2025, status="4", opinion="继续"),
    }


def _assessments(stage: Stage) -> None:
    """Instruments and a round in every state about the cadre of the East, rated by the host."""
    bureau, hr = stage.tree.bureau, stage.people["hr"]

    def instrument(name: str, status: str) -> Instrument:
        made = Instrument.objects.create(unit=bureau, name=name, status="draft", created_by=hr)
        Indicator.objects.create(instrument=made, order=1, name="德", kind="score", weight=100)
        Instrument.objects.filter(pk=made.pk).update(status=status)
        made.refresh_from_db()
        return made

    known = {
        "instrument": instrument("考核量表", "published"),
        "draft_instrument": instrument("新量表", "draft"),
    }
    for status in ("draft", "open", "closed", "published"):
        past = status in ("closed", "published")
        held = Round.objects.create(
            unit=bureau, instrument=known["instrument"], title=f"{status}评价", purpose="all_around", status=status,
            period_from=dt.date(2026, 1, 1), period_to=dt.date(2026, 10, 31), opens_at=now() - dt.timedelta(days=9),
            closes_at=now() + dt.timedelta(days=-1 if past else 5), created_by=hr,
        )  # fmt: skip
        relation = Relation.objects.create(round=held, kind="superior", weight=100, anonymous=False)
        subject = RoundSubject.objects.create(round=held, cadre=stage.cadre, unit=stage.cadre.unit)
        known |= {
            f"{status}_round": held,
            f"{status}_relation": relation,
            f"{status}_subject": subject,
            f"{status}_invitation": Invitation.objects.create(
                subject=subject, relation=relation, rater=stage.people["host"], used=past
            ),
        }
        if past:
            known[f"{status}_result"] = SubjectResult.objects.create(
                subject=subject, total=90, coverage=100, rank=1
            )
    stage.rows |= known
