"""What was uploaded, opened: forms and photos, alone, many, or in zips; nothing is unpacked onto the disk."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

from cadres.personnel_form.elements import PersonnelForm
from cadres.personnel_form.lrm import read_lrm
from cadres.personnel_form.lrmx import read_lrmx
from core.crypto import mask_identities_in
from core.errors import Invalid, TooLarge, WrongType
from core.files import clean_name

FORMS = (".lrmx", ".lrm")
PICTURE = ".pic"
PICTURES = (".jpg", ".jpeg", ".png")
MEGABYTE = 1024 * 1024
MOST_FILES = 2_000
MOST_MEMBER = 10 * MEGABYTE
# All of it lies in memory for a moment: hundreds of forms with photos are some fifty megabytes.
MOST_UNPACKED = 120 * MEGABYTE
MOST_RATIO = 200
_RATIO_COUNTS_FROM = 4 * MEGABYTE
_SILENT = ("thumbs.db", ".ds_store", "desktop.ini")
_MANIFEST = "manifest.json"
_PKZIP = b"PK\x03\x04"
BOMB = "压缩包解压后过大，不能读取。"


@dataclass(frozen=True)
class Member:
    """A file of an upload: its name without folders, its bytes, and for .lrm the photo beside it."""

    name: str
    data: bytes
    picture: bytes = b""

    def read(self) -> PersonnelForm:
        """The form; raises DomainErrors for what is none."""
        if self.name.lower().endswith(".lrm"):
            return read_lrm(self.data, self.picture)
        return read_lrmx(self.data)


@dataclass
class Package:
    """The files of an upload that are of the wanted kind, and remarks about the others."""

    members: list[Member] = field(default_factory=list)
    notes: list[dict[str, object]] = field(default_factory=list)

    def note(self, name: str, message: str) -> None:
        """Add a remark about a file of the upload."""
        self.notes.append(
            {"sheet": mask_identities_in(name), "row": 0, "message": message, "severity": "warning"}
        )


def open_upload(files: Iterable[tuple[str, bytes]], *, endings: tuple[str, ...] = FORMS) -> Package:
    """Open uploaded files; zips are looked into, one level deep.

    Raises TooLarge, WrongType or Invalid with a Chinese sentence for hostile or damaged zips, too many
    files, or when nothing of the wanted kind is there.
    """
    package = Package()
    found: list[tuple[str, bytes]] = []
    for name, data in files:
        if data.startswith(_PKZIP) or name.lower().endswith(".zip"):
            found += _unzipped(name, data, package)
        else:
            found.append((name, data))
        if len(found) > MOST_FILES:
            raise TooLarge(f"文件太多：一次最多 {MOST_FILES} 个。")
    _sort(found, endings, package)
    if not package.members:
        raise Invalid(f"没有找到{'、'.join(endings)}文件，请检查上传的内容。")
    return package


def pack(package: Package) -> bytes:
    """A package as one file of our own making, to be kept until it is imported."""
    out = io.BytesIO()
    manifest = []
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for number, member in enumerate(package.members):
            archive.writestr(f"{number}", member.data)
            if member.picture:
                archive.writestr(f"{number}.pic", member.picture)
            manifest.append([member.name, bool(member.picture)])
        archive.writestr(_MANIFEST, json.dumps({"members": manifest, "notes": package.notes}))
    return out.getvalue()


def unpack(file: Any, only: set[int] | None = None) -> Iterator[tuple[int, Member]]:
    """The members of a kept package with their numbers (from 1); `only` names those wanted."""
    with zipfile.ZipFile(file) as archive:
        manifest = json.loads(archive.read(_MANIFEST))
        for number, (name, has_picture) in enumerate(manifest["members"]):
            if only is None or number + 1 in only:
                picture = archive.read(f"{number}.pic") if has_picture else b""
                yield number + 1, Member(name, archive.read(f"{number}"), picture)


def notes_of(file: Any) -> list[dict[str, object]]:
    """The remarks that were kept with a package."""
    with zipfile.ZipFile(file) as archive:
        return json.loads(archive.read(_MANIFEST))["notes"]


def _sort(found: list[tuple[str, bytes]], endings: tuple[str, ...], package: Package) -> None:
    pictures = {_stem(name): data for name, data in found if name.lower().endswith(PICTURE)}
    for name, data in found:
        shown = _shown(name)
        lower = shown.lower()
        if lower in _SILENT or lower.startswith("._"):
            continue
        if lower.endswith(endings):
            picture = pictures.get(_stem(name), b"") if lower.endswith(".lrm") else b""
            package.members.append(Member(shown, data, picture))
        elif not (lower.endswith(PICTURE) and ".lrm" in endings):
            package.note(shown, f"不是{'、'.join(endings)}文件，没有读取。")


def _stem(name: str) -> str:
    """A file's path without its ending, however its folders are written."""
    return str(PurePosixPath(name.replace("\\", "/")).with_suffix("")).lower()


def _shown(name: str) -> str:
    return clean_name(name)[:60] if len(name) <= 60 else _shortened(clean_name(name))


def _shortened(name: str) -> str:
    stem, dot, ending = name.rpartition(".")
    return f"{stem[:50]}{dot}{ending[:9]}" if dot else name[:60]


def _unzipped(name: str, data: bytes, package: Package) -> Iterator[tuple[str, bytes]]:
    """The files of a zip by its own directory: refused before anything is unpacked when they are too much."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = [one for one in archive.infolist() if not one.is_dir()]
            _check_zip(entries, len(data))
            for entry in entries:
                inner = _entry_name(entry)
                if inner.startswith("__MACOSX/"):
                    continue
                if entry.file_size > MOST_MEMBER:
                    package.note(_shown(inner), f"文件太大，最多 {MOST_MEMBER // MEGABYTE} MB，没有读取。")
                    continue
                with archive.open(entry) as file:
                    content = file.read(MOST_MEMBER + 1)
                if len(content) > MOST_MEMBER:
                    raise TooLarge(BOMB)
                if content.startswith(_PKZIP):
                    package.note(_shown(inner), "压缩包中的压缩包没有读取，请解开后再上传。")
                    continue
                yield inner, content
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError, EOFError) as error:
        raise Invalid(f"“{_shown(name)}”已损坏或没有上传完整，请重新压缩后再上传。") from error


def _check_zip(entries: list[zipfile.ZipInfo], packed: int) -> None:
    if len(entries) > MOST_FILES * 2:
        raise TooLarge(f"文件太多：一次最多 {MOST_FILES} 个。")
    if any(entry.flag_bits & 0x1 for entry in entries):
        raise WrongType("压缩包设有密码，请取消密码后再上传。")
    unpacked = sum(entry.file_size for entry in entries)
    if unpacked > MOST_UNPACKED or (unpacked > _RATIO_COUNTS_FROM and unpacked > packed * MOST_RATIO):
        raise TooLarge(BOMB)


def _entry_name(entry: zipfile.ZipInfo) -> str:
    """A name in a zip; Chinese Windows writes GBK without saying so."""
    if entry.flag_bits & 0x800:
        return entry.filename
    try:
        raw = entry.filename.encode("cp437")
    except UnicodeEncodeError:
        return entry.filename
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return entry.filename
