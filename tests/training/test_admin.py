"""The admin of training: classes corrected through the services, enrolments looked at and decided in bulk."""

import pytest
from django.urls import reverse
from django.utils.timezone import localtime

from core.models import AuditEntry
from tests.programs.factories import make_cadre
from tests.programs.test_admin import everything as sent_back
from tests.training.factories import applied
from training.models import ClassSession, Enrolment
from training.services.classes import take_class_action
from training.services.enrolments import apply
from training.services.timetable import set_phases


@pytest.fixture
def clerk(signed_in, hr):
    """Bureau HR at the admin."""
    return signed_in(hr)


def change(row):
    return reverse(f"admin:training_{row._meta.model_name}_change", args=[row.pk])


def everything(page, **changes):
    """What the browser would send back, with the moments of the window in two boxes each."""
    sent = sent_back(page)
    for name in ("enrol_from", "enrol_until"):
        value = sent.pop(name, None)
        if value is not None:
            local = localtime(page.context["adminform"].form.initial[name])
            sent |= {f"{name}_0": f"{local:%Y-%m-%d}", f"{name}_1": f"{local:%H:%M:%S}"}
    return sent | changes


def tick(clerk, rows, action, **more):
    address = reverse("admin:training_enrolment_changelist")
    ticked = {"action": action, "_selected_action": [each.pk for each in rows], **more}
    return clerk.post(address, ticked, follow=True)


def test_a_draft_is_corrected_through_the_service(clerk, drafted, hr):
    set_phases(training_class=drafted, rows=[{"name": "领导力", "days": 5}], by=hr)
    until = drafted.enrol_until
    sent = everything(clerk.get(change(drafted)), capacity="4", status="open", venue="进修学校")
    sent |= {"phases-0-name": "领导力提升", "sessions-TOTAL_FORMS": "1", "sessions-0-day": "2026-12-08",
             "sessions-0-begins": "09:00", "sessions-0-ends": "11:00", "sessions-0-topic": "依法治校",
             "sessions-0-training_class": drafted.pk}  # fmt: skip
    answer = clerk.post(change(drafted), sent)
    assert answer.status_code == 302, answer.context["errors"] if answer.context else answer
    drafted.refresh_from_db()
    assert (drafted.capacity, drafted.venue, drafted.status) == (4, "进修学校", "draft")
    assert drafted.enrol_until == until, "what wasn't touched stays as it was"
    assert [each.name for each in drafted.phases.all()] == ["领导力提升"]
    assert ClassSession.objects.get().topic == "依法治校"
    actions = set(AuditEntry.objects.values_list("action", flat=True))
    assert {"class.edited", "class.phases_set", "class.session_added"} <= actions


def test_an_open_class_keeps_what_people_enrolled_for(clerk, training_class):
    sent = everything(clerk.get(change(training_class)), capacity="1")
    answer = clerk.post(change(training_class), sent)
    assert "报名开始后名额只能增加" in answer.content.decode()
    training_class.refresh_from_db()
    assert training_class.capacity == 2


def test_a_class_that_is_over_is_looked_at(clerk, training_class, hr):
    take_class_action(training_class=training_class, action="cancel", by=hr, comment="人数不足")
    assert clerk.get(change(training_class)).status_code == 200
    assert clerk.post(change(training_class), {"venue": "别处"}).status_code == 403


def test_applications_are_consented_to_all_or_none(clerk, training_class, tree):
    rows = [applied(training_class, tree.school_east) for _ in range(3)]
    tick(clerk, rows[:2], "consent")
    assert Enrolment.objects.filter(status="enrolled").count() == 2
    tick(clerk, rows[1:], "consent")
    assert Enrolment.objects.get(pk=rows[2].pk).status == "applied", "one had been consented to already"
    tick(clerk, rows[:1], "withdraw")
    assert Enrolment.objects.get(pk=rows[0].pk).status == "enrolled", "a withdrawal needs its reason"
    tick(clerk, rows[:1], "withdraw", comment="另有任务")
    assert Enrolment.objects.get(pk=rows[0].pk).status == "withdrawn"


def test_the_own_enrolment_is_not_in_the_admin(clerk, training_class, tree, hr):
    make_cadre(tree.bureau, hr.name, user=hr)
    own = apply(training_class=training_class, by=hr)
    assert clerk.get(change(own)).status_code == 302
    tick(clerk, [own], "consent")
    own.refresh_from_db()
    assert own.status == "applied"
