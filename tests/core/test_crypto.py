"""Encryption at rest: tampering, rotation, the wrong place, blind indexes, masks."""

import base64

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from core import crypto
from core.crypto import (
    CannotDecrypt,
    blind_index,
    decrypt,
    encrypt,
    mask_identities_in,
    mask_identity,
    opener,
)
from tests.core.papers import Sealed

OLD = "old:" + base64.b64encode(b"o" * 32).decode()
NEW = "new:" + base64.b64encode(b"n" * 32).decode()


@given(st.text())
def test_what_goes_in_comes_out(text):
    assert decrypt(encrypt(text, context="a.b"), context="a.b") == text


def test_the_envelope_says_version_and_key_and_nothing_else():
    envelope = encrypt("310107197605031315", context="a.b")
    version, key, sealed = envelope.split(".")
    assert (version, key) == ("v1", "dev")
    assert "1976" not in envelope
    assert b"1976" not in base64.b64decode(sealed)
    assert envelope != encrypt("310107197605031315", context="a.b")


@pytest.mark.parametrize("position", [0, 5, 20, -1])
def test_a_changed_byte_is_found(position):
    version, key, sealed = encrypt("秘密", context="a.b").split(".")
    raw = bytearray(base64.b64decode(sealed))
    raw[position] ^= 1
    with pytest.raises(CannotDecrypt):
        decrypt(f"{version}.{key}.{base64.b64encode(raw).decode()}", context="a.b")


def test_an_envelope_opens_only_in_its_own_place():
    with pytest.raises(CannotDecrypt):
        decrypt(encrypt("秘密", context="a.b"), context="a.c")


@pytest.mark.parametrize("text", ["", "秘密", "v1", "v1.dev.", "v1.dev.%%%", "v2.dev.AAAA", "v1.dev.AAAA"])
def test_what_is_no_envelope_does_not_open(text):
    with pytest.raises(CannotDecrypt):
        decrypt(text, context="a.b")


def test_rotation_keeps_old_envelopes_readable(settings):
    settings.FIELD_KEYS = OLD
    old = encrypt("秘密", context="a.b")
    settings.FIELD_KEYS = f"{NEW},{OLD}"
    new = encrypt("秘密", context="a.b")
    assert (crypto.key_id(old), crypto.key_id(new)) == ("old", "new")
    assert decrypt(old, context="a.b") == decrypt(new, context="a.b") == "秘密"
    settings.FIELD_KEYS = NEW
    with pytest.raises(CannotDecrypt):
        decrypt(old, context="a.b")


def test_the_key_s_name_is_part_of_the_seal(settings):
    settings.FIELD_KEYS = f"{OLD},twin:{OLD.split(':')[1]}"
    with pytest.raises(CannotDecrypt):
        decrypt(encrypt("秘密", context="a.b").replace("old", "twin"), context="a.b")


@pytest.mark.parametrize(
    "keys", ["", "nokey", "a:!!!", "a:" + base64.b64encode(b"short").decode(), "a b:AAAA"]
)
def test_bad_key_settings_stop_with_a_clear_line(settings, keys):
    settings.FIELD_KEYS = keys
    with pytest.raises(ImproperlyConfigured, match="FIELD_KEYS"):
        encrypt("秘密", context="a.b")


def test_blind_index_is_keyed_and_bound_to_its_place(settings):
    first = blind_index("310107197605031315", context="a.b")
    assert first == blind_index("310107197605031315", context="a.b")
    assert first != blind_index("310107197605031315", context="a.c")
    assert len(first) == 64
    settings.INDEX_KEY = base64.b64encode(b"x" * 32).decode()
    assert first != blind_index("310107197605031315", context="a.b")


@pytest.mark.parametrize(
    "text, masked",
    [
        ("310107197605031315", "3101********1315"),
        ("31010719760503131X", "3101********131X"),
        ("310107760503131", "3101********3131"),
        ("1234", "****"),
        ("", ""),
    ],
)
def test_masks(text, masked):
    assert mask_identity(text) == masked


@pytest.mark.parametrize(
    "text, masked",
    [
        ("身份证号310107197605031315有误", "身份证号3101********1315有误"),
        ("31010719760503131x", "3101********131x"),
        ("310107760503131", "3101********3131"),
        ("电话13800001111", "电话13800001111"),
        ("编号1234567890123456789012", "编号1234567890123456789012"),
    ],
)
def test_identity_numbers_in_free_text_are_masked(text, masked):
    assert mask_identities_in(text) == masked


@pytest.mark.django_db(transaction=True)
class TestEncryptedField:
    """The field on a real table."""

    def test_it_is_clear_in_python_and_sealed_in_the_database(self, papers):
        sealed = Sealed.objects.create(title="甲", secret="310107197605031315", note="同一处")
        with connection.cursor() as cursor:
            cursor.execute("SELECT secret, note FROM papers_sealed")
            secret, note = cursor.fetchone()
        assert secret.startswith("v1.dev.")
        assert "1976" not in secret
        assert decrypt(secret, context="papers.sealed.secret") == "310107197605031315"
        assert decrypt(note, context="sealed.shared") == "同一处"
        fresh = Sealed.objects.get(pk=sealed.pk)
        assert (fresh.secret, fresh.note) == ("310107197605031315", "同一处")
        assert list(Sealed.objects.values_list("secret", flat=True)) == ["310107197605031315"]

    def test_nothing_stays_nothing(self, papers):
        Sealed.objects.create(title="甲", secret="", note=None)
        assert Sealed.objects.filter(secret="", note=None).count() == 1

    def test_an_envelope_moved_to_another_column_does_not_open(self, papers):
        Sealed.objects.create(title="甲", secret="秘密", note="别的")
        with connection.cursor() as cursor:
            cursor.execute("UPDATE papers_sealed SET note = secret")
        with pytest.raises(CannotDecrypt):
            Sealed.objects.get()

    def test_it_cannot_be_searched(self, papers):
        for condition in ({"secret": "秘密"}, {"secret__contains": "秘"}, {"secret__in": ["秘密"]}):
            with pytest.raises(TypeError, match="blind index"):
                Sealed.objects.filter(**condition).exists()

    def test_it_hides_where_a_program_prints_its_values(self, papers):
        Sealed.objects.create(title="甲", secret="310107197605031315")
        secret = Sealed.objects.get().secret
        assert f"{[secret]!r}" == "['***']"
        assert f"{secret}" == "310107197605031315"

    def test_saving_again_seals_with_the_first_key(self, papers, settings):
        settings.FIELD_KEYS = OLD
        Sealed.objects.create(title="甲", secret="秘密")
        settings.FIELD_KEYS = f"{NEW},{OLD}"
        Sealed.objects.get().save()
        settings.FIELD_KEYS = NEW
        assert Sealed.objects.get().secret == "秘密"

    def test_migrations_keep_a_given_context(self):
        field = Sealed._meta.get_field("note")
        assert field.deconstruct()[3]["context"] == "sealed.shared"
        assert "context" not in Sealed._meta.get_field("secret").deconstruct()[3]


@given(st.lists(st.text(), min_size=1))
def test_an_opener_opens_many_as_one_by_one(texts):
    open_envelope = opener("a.b")
    assert [open_envelope(encrypt(text, context="a.b")) for text in texts] == texts


def test_an_opener_opens_both_keys_and_refuses_what_decrypt_refuses(settings):
    settings.FIELD_KEYS = OLD
    old = encrypt("旧", context="a.b")
    settings.FIELD_KEYS = f"{NEW},{OLD}"
    open_envelope = opener("a.b")
    assert [open_envelope(old), open_envelope(encrypt("新", context="a.b"))] == ["旧", "新"]
    tampered = old[:-6] + ("A" if old[-6] != "A" else "B") + old[-5:]
    for bad in (tampered, encrypt("别处", context="c.d"), old[:-3], "v1.gone.AAAA", "v2" + old[2:], "旧"):
        with pytest.raises(CannotDecrypt):
            open_envelope(bad)
