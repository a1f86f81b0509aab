"""Kept files: checked by content, stored under random names, handed out as attachments only."""

import errno
import hashlib
import re
import unicodedata
from pathlib import Path
from typing import IO, Any
from urllib.parse import quote

from django.conf import settings
from django.core.files.base import ContentFile, File
from django.db import transaction
from django.http import FileResponse

from core.errors import Invalid, NotFound, StorageFull, TooLarge
from core.filetypes import ENDINGS, examine
from core.models import StoredFile

MEGABYTE = 1024 * 1024
EMPTY = "文件是空的，没有内容，请检查后重新上传。"
_DEFAULT = object()
_PATH_PARTS = re.compile(r"[\\/]")
_FORBIDDEN = re.compile(r'[<>:"|?*]')


def store(
    content: "bytes | Path | IO[bytes]", *, name: str, kind: str, by: Any, limit: Any = _DEFAULT
) -> StoredFile:
    """Check and keep a file, in the caller's transaction.

    `kind` says what is accepted: "xlsx", "sheet", "image", "document" or "any" (core.filetypes.examine).
    Raises Invalid for an empty file, TooLarge (413), WrongType (415), StorageFull (507); then neither row
    nor file is left.
    """
    most = settings.UPLOAD_MAX_BYTES if limit is _DEFAULT else limit
    data = _read(content, most)
    if not data:
        raise Invalid(EMPTY, errors={"file": [EMPTY]})
    content_type, data = examine(data, kind)
    stored = StoredFile(
        name=clean_name(name, content_type),
        content_type=content_type,
        size=len(data),
        sha256=hashlib.sha256(data).hexdigest(),
        kind=kind,
        uploaded_by=by if getattr(by, "pk", None) else None,
    )
    try:
        stored.file.save(stored.name, ContentFile(data), save=False)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise StorageFull from error
        raise
    try:
        with transaction.atomic():
            stored.save(force_insert=True)
    except BaseException:
        forget(stored)
        raise
    return stored


def open_stored(stored: StoredFile) -> File:
    """The file's bytes for reading; NotFound if the storage has lost them."""
    try:
        return stored.file.storage.open(str(stored.file.name), "rb")
    except FileNotFoundError as error:
        raise NotFound("文件已不存在，请联系系统管理员。") from error


def forget(stored: StoredFile) -> None:
    """Delete a file's bytes when its row was, or will be, rolled back."""
    stored.file.storage.delete(str(stored.file.name))


def download_response(stored: StoredFile, name: str | None = None) -> FileResponse:
    """The answer that hands out a file: an attachment under its own name, never sniffed, never shown."""
    response = FileResponse(open_stored(stored), content_type=stored.content_type)
    response["Content-Disposition"] = disposition(name or stored.name)
    response["Content-Length"] = str(stored.size)
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


def disposition(name: str) -> str:
    """`Content-Disposition` with an ASCII fallback and the real name by RFC 5987."""
    ascii_name = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    fallback = re.sub(r'["\\;%]', "_", ascii_name).strip() or "download"
    if fallback.startswith("."):
        fallback = f"download{fallback}"
    return f"attachment; filename=\"{fallback}\"; filename*=UTF-8''{quote(name, safe='')}"


def clean_name(name: str, content_type: str = "") -> str:
    """A file name without folders, control characters or leading dots, at most 120 characters.

    Its ending follows the content where that is known: `photo.exe` that is an image becomes `photo.jpg`.
    """
    last = _PATH_PARTS.split(unicodedata.normalize("NFC", name))[-1]
    visible = "".join(char for char in last if unicodedata.category(char) not in ("Cf", "Cc", "Cs"))
    cleaned = _FORBIDDEN.sub("", visible).strip().lstrip(".").strip()
    stem, dot, ending = cleaned.rpartition(".")
    if not dot:
        stem, ending = cleaned, ""
    ending = ENDINGS.get(content_type, ending[:9])
    stem = stem[:110].rstrip(". ") or "文件"
    return f"{stem}.{ending}" if ending else stem


def _read(content: "bytes | Path | IO[bytes]", most: int | None) -> bytes:
    """All bytes, refused before reading when the size is known and too large."""
    if isinstance(content, bytes):
        return _within(content, most)
    if isinstance(content, Path):
        if most is not None and content.stat().st_size > most:
            raise _too_large(most)
        return content.read_bytes()
    size = getattr(content, "size", None)
    if most is not None and size is not None and size > most:
        raise _too_large(most)
    content.seek(0)
    return _within(content.read() if most is None else content.read(most + 1), most)


def _within(data: bytes, most: int | None) -> bytes:
    if most is not None and len(data) > most:
        raise _too_large(most)
    return data


def _too_large(most: int) -> TooLarge:
    return TooLarge(f"文件太大：一个文件最多 {most // MEGABYTE} MB。")
