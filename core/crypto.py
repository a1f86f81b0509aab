"""Field encryption (AES-GCM with the key's id in the envelope), keyed blind indexes, and masks.

FIELD_KEYS is "id:base64,id:base64": the first key encrypts, all decrypt, so a key is rotated by putting
a new one in front and saving the rows again. INDEX_KEY derives the blind indexes and the audit's seals
and is never changed alone, since look-ups by it would find nothing any more.
"""

import base64
import binascii
import hashlib
import hmac
import os
import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import models
from django.db.models.lookups import Exact

VERSION = "v1"
NONCE_BYTES = 12
INDEX_KEY_BYTES = 16
_IDENTITY = re.compile(r"(?<![0-9A-Za-z])(\d{4})(?:\d{7}|\d{10})(\d{3}[\dXx])(?![0-9A-Za-z])")


class CannotDecrypt(Exception):
    """The stored text was tampered with, belongs elsewhere, or its key is missing."""


@lru_cache(maxsize=8)
def _parse_keys(text: str) -> dict[str, bytes]:
    keys: dict[str, bytes] = {}
    for entry in filter(None, (part.strip() for part in text.split(","))):
        name, _, encoded = entry.partition(":")
        try:
            key = base64.b64decode(encoded, validate=True)
        except binascii.Error as error:
            raise ImproperlyConfigured(f"FIELD_KEYS：密钥 {name} 不是 base64。") from error
        if not re.fullmatch(r"[A-Za-z0-9_-]+", name) or len(key) not in (16, 24, 32):
            raise ImproperlyConfigured("FIELD_KEYS 的格式应为 名称:base64（16、24 或 32 字节），以逗号分隔。")
        keys[name] = key
    if not keys:
        raise ImproperlyConfigured("FIELD_KEYS 中没有密钥。")
    return keys


def _keys() -> dict[str, bytes]:
    return _parse_keys(settings.FIELD_KEYS)


@lru_cache(maxsize=16)
def _cipher(key: bytes) -> AESGCM:
    """The cipher of a key: making one costs about as much as using it."""
    return AESGCM(key)


@lru_cache(maxsize=64)
def _derived(index_key: str, purpose: str) -> bytes:
    return hmac.new(base64.b64decode(index_key), purpose.encode(), hashlib.sha256).digest()


def derived_key(purpose: str) -> bytes:
    """A key of its own for one purpose, derived from INDEX_KEY."""
    return _derived(settings.INDEX_KEY, purpose)


def check_keys() -> None:
    """Raise ImproperlyConfigured for keys that would fail at the first use, long after the start."""
    _keys()
    try:
        raw = base64.b64decode(settings.INDEX_KEY, validate=True)
    except ValueError as error:
        raise ImproperlyConfigured("INDEX_KEY 不是 base64。") from error
    if len(raw) < INDEX_KEY_BYTES:
        raise ImproperlyConfigured(f"INDEX_KEY 太短，至少 {INDEX_KEY_BYTES} 字节。")


def encrypt(text: str, *, context: str) -> str:
    """Encrypt `text` for one place ("table.column"); the same text gives another envelope every time."""
    name, key = next(iter(_keys().items()))
    nonce = os.urandom(NONCE_BYTES)
    sealed = _cipher(key).encrypt(nonce, text.encode(), f"{VERSION}.{name}.{context}".encode())
    return f"{VERSION}.{name}.{base64.b64encode(nonce + sealed).decode()}"


def decrypt(text: str, *, context: str) -> str:
    """The clear text of an envelope made for the same context; raises CannotDecrypt otherwise."""
    version, _, rest = text.partition(".")
    name, _, encoded = rest.partition(".")
    key = _keys().get(name)
    if version != VERSION or key is None:
        raise CannotDecrypt(f"no key {name!r} for an envelope of {context}")
    try:
        raw = base64.b64decode(encoded, validate=True)
        associated = f"{VERSION}.{name}.{context}".encode()
        return _cipher(key).decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], associated).decode()
    except (InvalidTag, binascii.Error, ValueError) as error:
        raise CannotDecrypt(f"an envelope of {context} does not open") from error


def opener(context: str) -> Callable[[str], str]:
    """Return `decrypt` for one context, quicker for many envelopes: what they share is worked out once."""
    known: dict[str, tuple[AESGCM, bytes]] = {}

    def open_envelope(text: str) -> str:
        head, _, encoded = text.rpartition(".")
        found = known.get(head)
        if found is None:
            clear = decrypt(text, context=context)
            name = key_id(text)
            known[head] = (_cipher(_keys()[name]), f"{VERSION}.{name}.{context}".encode())
            return clear
        cipher, associated = found
        try:
            raw = binascii.a2b_base64(encoded, strict_mode=True)
            return cipher.decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], associated).decode()
        except (InvalidTag, binascii.Error, ValueError) as error:
            raise CannotDecrypt(f"an envelope of {context} does not open") from error

    return open_envelope


def key_id(text: str) -> str:
    """The id of the key that sealed an envelope, for rotation."""
    return text.split(".", 2)[1] if text.startswith(f"{VERSION}.") else ""


def blind_index(text: str, *, context: str) -> str:
    """A keyed fingerprint (hex) to find an encrypted value by equality; differs between contexts."""
    return hmac.new(derived_key(f"index:{context}"), text.encode(), hashlib.sha256).hexdigest()


def mask_identity(text: str) -> str:
    """An identity number as screens show it: the first and the last four characters, eight stars between."""
    if not text:
        return ""
    return f"{text[:4]}********{text[-4:]}" if len(text) >= 12 else "*" * len(text)


def mask_identities_in(text: str) -> str:
    """Free text with every identity number in it masked."""
    return _IDENTITY.sub(r"\1********\2", text)


class EncryptedTextField(models.TextField):
    """Text that is encrypted in the database and clear in Python; filter by a blind index, never by it.

    The context is "app_label.model.field" of the model that declares it, so an envelope copied into
    another column doesn't open. NULL and "" are stored as they are.
    """

    description = "encrypted text"

    def __init__(self, *args: Any, context: str = "", **kwargs: Any) -> None:
        self.context = context
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        """Migrations need the context only where it was given by hand."""
        name, path, args, kwargs = super().deconstruct()
        if self.context:
            kwargs["context"] = self.context
        return name, path, args, kwargs

    def the_context(self) -> str:
        """What the envelope is bound to."""
        return self.context or f"{self.model._meta.label_lower}.{self.name}"

    def get_prep_value(self, value: Any) -> Any:
        """Clear text to envelope."""
        value = super().get_prep_value(value)
        return encrypt(value, context=self.the_context()) if value else value

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> str | None:
        """Envelope to clear text."""
        return Secret(decrypt(value, context=self.the_context())) if value else value

    def get_lookup(self, lookup_name: str) -> Any:
        """Only `isnull` and equality with "" make sense; anything else would silently find nothing."""
        if lookup_name == "exact":
            return _ExactlyEmpty
        if lookup_name != "isnull":
            raise TypeError(f"{self.name} is encrypted: look it up by its blind index")
        return super().get_lookup(lookup_name)


class Secret(str):
    """Clear text of an encrypted field: itself everywhere, but hidden where a program prints its values."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "'***'"


class _ExactlyEmpty(Exact):
    """Equality with nothing but the empty text."""

    def get_prep_lookup(self) -> Any:
        if self.rhs:
            raise TypeError(f"{self.lhs.target.name} is encrypted: look it up by its blind index")
        return self.rhs
