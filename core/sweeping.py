"""Tidying the storage: files that nothing refers to any more, and bytes that never got a row."""

import datetime as dt
import logging
import time
from collections.abc import Iterator

from django.core.files.storage import Storage
from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, QuerySet

from core.calendar import now
from core.files import forget
from core.models import StoredFile

logger = logging.getLogger(__name__)

# Longer than any transaction that stores a file first and refers to it later (a job ends within half an hour).
GRACE = dt.timedelta(days=1)
BATCH = 500
FOLDER = "files"


def sweep_files() -> tuple[int, int]:
    """Remove unreferenced rows with their bytes, then bytes without a row; returns how many of each.

    A worker killed right after it stored a result leaves bytes, a paper taken out of a draft or a photo
    replaced leaves a row. Neither is shown anywhere, and neither may be kept. Nothing younger than GRACE is touched.
    """
    return _sweep_rows(), _sweep_bytes()


def unreferenced() -> QuerySet[StoredFile]:
    """Stored files that no row of any table refers to."""
    rows = StoredFile.objects.filter(created_at__lt=now() - GRACE)
    for relation in StoredFile._meta.get_fields(include_hidden=True):
        if relation.auto_created and relation.is_relation:
            field = relation.field.name  # type: ignore[union-attr]
            users = relation.related_model._base_manager.filter(**{field: OuterRef("pk")})  # type: ignore[union-attr]
            rows = rows.exclude(Exists(users))
    return rows


def _sweep_rows() -> int:
    removed = 0
    for stored in unreferenced().iterator(chunk_size=BATCH):
        try:
            with transaction.atomic():
                count, _ = StoredFile.objects.filter(pk=stored.pk).delete()
        except IntegrityError:  # referred to just now
            continue
        if count:
            forget(stored)
            removed += 1
    return removed


def _sweep_bytes() -> int:
    storage: Storage = StoredFile._meta.get_field("file").storage
    before = (
        time.time() - GRACE.total_seconds()
    )  # files carry the machine's time, whatever day the demo shows
    removed = 0
    for names in _folders(storage):
        known = set(StoredFile.objects.filter(file__in=names).values_list("file", flat=True))
        for name in sorted(set(names) - known):
            if storage.get_modified_time(name).timestamp() < before:
                storage.delete(name)
                removed += 1
    if removed:
        logger.warning("%s stored files had no row and were removed", removed)
    return removed


def _folders(storage: Storage) -> Iterator[list[str]]:
    """The names in the storage, folder by folder."""
    if not storage.exists(FOLDER):
        return
    for folder in storage.listdir(FOLDER)[0]:
        yield [f"{FOLDER}/{folder}/{name}" for name in storage.listdir(f"{FOLDER}/{folder}")[1]]
