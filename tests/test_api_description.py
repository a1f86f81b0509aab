"""The API's description comes out of the code without a doubt: no warning, no guess, a valid document."""

import os

import pytest
from django.core.management import call_command
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.openapi import AutoSchema
from rest_framework import serializers as framework

from core.api import serializers
from core.api.serializers import label_of
from reports.analysis_api import ForecastAsked, StructureAsked

OURS = (serializers.Serializer, serializers.ModelSerializer)


@pytest.mark.django_db
def test_the_description_is_complete_and_valid():
    call_command("spectacular", file=os.devnull, validate=True, fail_on_warn=True)


def below(serializer):
    """A serializer with those that stand in it."""
    if isinstance(serializer, type) and issubclass(serializer, framework.BaseSerializer):
        serializer = serializer()
    serializer = getattr(serializer, "child", serializer)
    if isinstance(serializer, framework.BaseSerializer):
        yield serializer
        for field in serializer.fields.values():
            if not field.read_only:
                yield from below(field)


@pytest.mark.django_db
def test_whatever_the_api_takes_is_refused_in_sentences_that_name_the_field(monkeypatch):
    """Every serializer that the description gives as a request's body is one of ours, its fields named in Chinese."""
    taken = [StructureAsked, ForecastAsked]
    described = AutoSchema._get_request_body

    def kept(schema, *args, **kwargs):
        asked = schema.get_request_serializer()
        if schema.method in ("POST", "PUT", "PATCH"):
            taken.extend(asked.values() if isinstance(asked, dict) else [asked])
        return described(schema, *args, **kwargs)

    monkeypatch.setattr(AutoSchema, "_get_request_body", kept)
    SchemaGenerator().get_schema(request=None, public=True)
    found = {type(each): each for body in taken if body is not None for each in below(body)}
    apps = {kind.__module__.partition(".")[0] for kind in found}
    assert apps >= {"accounts", "cadres", "core", "programs", "reports"}
    foreign = [kind for kind in found if not issubclass(kind, OURS)]
    assert foreign == []
    unnamed = [
        f"{kind.__name__}.{name}"
        for kind, each in found.items()
        for name, field in each.fields.items()
        if not field.read_only and not label_of(field, name, kind.__module__.partition(".")[0])
    ]
    assert unnamed == [], "\n".join(unnamed)
