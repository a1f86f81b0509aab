"""Loads the editable rule rows from fixtures/rules: what is missing is added, what exists stays as edited."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import models, transaction

from cadres.models import Norm, RetirementRule

RULE_FILES = Path(settings.BASE_DIR, "fixtures", "rules")
_TABLES: dict[str, type[models.Model]] = {"retirement": RetirementRule, "norms": Norm}


def load_rules(*, directory: Path = RULE_FILES) -> dict[str, int]:
    """Insert every rule of the files that isn't there yet; return how many each file holds.

    Raises ValidationError naming the field when a row is not a rule.
    """
    found = {}
    with transaction.atomic():
        for name, model in _TABLES.items():
            rows = [_row(model, values) for values in _read(directory / f"{name}.json")]
            model._default_manager.bulk_create(rows, ignore_conflicts=True)
            found[name] = len(rows)
    return found


def _read(path: Path) -> list[dict[str, Any]]:
    return json.loads(path.read_text(encoding="utf-8"))


def _row(model: type[models.Model], values: dict[str, Any]) -> models.Model:
    row = model(**values)
    row.clean_fields()
    return row
