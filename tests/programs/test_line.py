"""The whole line once: nominate, inspect, list, check, decide, place, appraise, complete."""

import datetime as dt

from cadres.models import Appointment, PersonnelRelation
from core.models import Message
from programs.models import Appraisal, NominationDecision, Participation
from programs.services.appraisals import file_appraisal
from programs.services.lists import file_list
from programs.services.nominations import take_action
from programs.services.participations import complete_participation, follow_calendar, place_participation
from programs.services.pipelines import call_pipeline, case_history
from tests.programs.factories import account_of, confirm_all, make_base, make_cadre, submitted


def test_a_township_case_travels_the_whole_line(
    call, tree, clock, hr, party, central_east, principal_east, cadre_user, host, mentor
):
    cadre = make_cadre(tree.school_east, "李青", user=cadre_user)
    nomination = submitted(call, cadre, principal_east)
    assert (nomination.status, nomination.step.kind) == ("submitted", "inspect")
    confirm_all(nomination, central_east)
    take_action(nomination=nomination, action="pass", by=central_east, comment="同意推荐", score=92)
    clock("2026-12-28 10:00")
    filed = file_list(call=call, unit=tree.central_east, ids=[nomination.pk], by=central_east)
    nomination.refresh_from_db()
    assert (nomination.step.kind, nomination.list_rank, nomination.central_list) == ("check", 1, filed)
    take_action(nomination=nomination, action="pass", by=hr)
    take_action(nomination=nomination, action="pass", by=party, comment="同意")
    nomination.refresh_from_db()
    assert nomination.status == "approved"
    assert nomination.place == account_of(call)
    steps = [entry.state for entry in case_history(nomination).steps]
    assert steps == ["done"] * 5
    kinds = list(NominationDecision.objects.order_by("id").values_list("action", "step__kind"))
    assert kinds == [("submit", "recommend"), ("pass", "inspect"), ("pass", "list"), ("pass", "check"),
                     ("pass", "decide")]  # fmt: skip

    participation = Participation.objects.get(nomination=nomination)
    assert participation.status == "pending"
    assert participation.secondment.problems == nomination.problems
    base = make_base(tree.bureau, host, name="人事教育股", host_unit=tree.section)
    place_participation(
        participation=participation, base=base, acting_post="副股长", start=dt.date(2027, 3, 1), guide=mentor,
        by=hr,
    )  # fmt: skip
    stint = participation.stints.get()
    assert (stint.host, stint.end, participation.end) == (host, dt.date(2027, 8, 31), dt.date(2027, 8, 31))
    acting = Appointment.objects.get(cadre=cadre, kind="seconded")
    assert (acting.unit, acting.end, acting.is_main) == (tree.section, dt.date(2027, 9, 1), False)
    assert PersonnelRelation.objects.get(cadre=cadre).unit == tree.school_east
    clock("2027-03-01 00:10")
    assert follow_calendar() == {"started": 1, "ended": 0, "concluded": 0}
    clock("2027-09-01 00:10")
    assert follow_calendar() == {"started": 0, "ended": 1, "concluded": 0}
    appraisal = Appraisal.objects.get(stint=stint)
    assert appraisal.due == dt.date(2027, 9, 7)
    file_appraisal(
        appraisal=appraisal, by=host, grade="excellent", sections=dict.fromkeys(range(1, 6), "表现突出")
    )
    complete_participation(participation=participation, by=hr)
    assert participation.status == "completed"
    told = set(Message.objects.values_list("recipient__username", flat=True))
    assert told >= {"hr", "party", "central-east", "principal-east", "cadre", "host", "mentor"}
    assert call_pipeline([call])[call.pk].taken == 1
