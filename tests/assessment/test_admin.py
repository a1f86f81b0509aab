"""The admin of assessment: drafts are corrected by the services; what is sealed has no table at all."""

import pytest
from django.apps import apps
from django.contrib import admin
from django.urls import reverse

from assessment.models import Instrument
from assessment.services.instruments import create_instrument
from core.models import AuditEntry
from tests.assessment.factories import invite_raters, open_round
from tests.programs.test_admin import everything

pytestmark = pytest.mark.django_db
SEALED = {
    "Invitation",
    "BallotDraft",
    "Ballot",
    "ResultComment",
    "SubjectResult",
    "RelationResult",
    "IndicatorResult",
}


def change(row) -> str:
    return reverse(f"admin:assessment_{row._meta.model_name}_change", args=[row.pk])


def test_ballots_raters_and_results_have_no_table():
    shown = {model.__name__ for model in admin.site._registry if model._meta.app_label == "assessment"}
    known = {model.__name__ for model in apps.get_app_config("assessment").get_models()}
    assert known >= SEALED
    assert not shown & SEALED
    inlines = {
        inline.model.__name__
        for model, table in admin.site._registry.items()
        if model._meta.app_label == "assessment"
        for inline in table.inlines
    }
    assert not inlines & SEALED


def test_a_draft_is_corrected_by_the_service_and_a_published_one_is_not(tree, hr, signed_in):
    draft = create_instrument(unit=tree.bureau, by=hr, name="旧名")
    client = signed_in(hr)
    sent = everything(client.get(change(draft)), name="新名", status="published")
    assert client.post(change(draft), sent).status_code == 302
    draft.refresh_from_db()
    assert (draft.name, draft.status) == ("新名", "draft")
    assert AuditEntry.objects.filter(action="instrument.edited").exists()
    Instrument.objects.filter(pk=draft.pk).update(status="published")
    assert client.post(change(draft), sent).status_code == 403


def test_a_round_is_corrected_until_it_opens(round, subject, hr, signed_in):
    client = signed_in(hr)
    sent = everything(client.get(change(round)), title="新题")
    answer = client.post(change(round), sent)
    assert answer.status_code == 302, answer.context["errors"] if answer.context else answer
    round.refresh_from_db()
    assert round.title == "新题"
    invite_raters(round, subject, "superior", 1, hr)
    open_round(round, hr)
    assert client.post(change(round), sent).status_code == 403
