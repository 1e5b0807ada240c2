"""Encryption keys change while the product runs: every sealed column is found, sealed again and counted."""

from __future__ import annotations

import ast
from io import StringIO
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from django.apps import apps
from django.core.management import CommandError, call_command
from pytest_django import Settings

from assessments.services import contacts, erasures
from core.models import RememberedReply
from core.secrets import decrypt, encrypt, is_current
from core.services import keys, second_step
from partners.models import SigningSecret
from partners.services import connecting
from tests.partners.api.test_endpoints import URL, Api
from tests.partners.fixtures import Live
from tests.partners.steps import own_token
from tests.world import World

ROOT = Path(__file__).resolve().parents[2]
FERNET_MARK = "gAAAA"  # version 0x80 and the high bytes of a time before 2106, in base64


def fresh_key() -> str:
    return Fernet.generate_key().decode()


def rotate(*options: str) -> list[str]:
    told = StringIO()
    call_command("rotate_keys", *options, stdout=told)
    return told.getvalue().splitlines()


@pytest.fixture
def sealed(live: Live, world: World, settings: Settings) -> str:
    """A signing secret, a reply, an authenticator, a credential, a former address, an erasure.

    They are sealed under the key that is returned.
    """
    old = fresh_key()
    settings.ENCRYPTION_KEYS = [old]
    Api(own_token(live.application, live.client_secret)).put("/endpoints/order", {"url": URL})
    RememberedReply.objects.create(client="c", key="k", fingerprint="f", status=201, body=encrypt("once").encode())
    RememberedReply.objects.create(client="c", key="not answered yet", fingerprint="f")
    second_step.prepare(world.admin.user)
    connecting.connect(
        world.acme, name="Lingua", dialect="native", urls={}, credential="their-key", scopes=[], actor="tests"
    )
    world.globex_candidate.email = "gwen.now@mail.example"
    contacts.change(world.globex_candidate, changed=["email"], actor="tests")
    erasures.erase(world.ada, ground="asked", actor="tests")
    return old


def test_everything_sealed_is_sealed_again_under_the_first_key(sealed: str, settings: Settings) -> None:
    before = decrypt(SigningSecret.objects.get().encrypted)
    new = fresh_key()
    settings.ENCRYPTION_KEYS = [new, sealed]
    assert rotate() == [
        "core.FormerContact.was: 0 current, 1 sealed again, 0 opened by no key",
        "core.RememberedReply.body: 0 current, 1 sealed again, 0 opened by no key",
        "core.SecondStep.secret: 0 current, 1 sealed again, 0 opened by no key",
        "partners.Installation.credential: 0 current, 1 sealed again, 0 opened by no key",
        "partners.SigningSecret.encrypted: 0 current, 1 sealed again, 0 opened by no key",
        "assessments.Erasure.traced_by: 0 current, 1 sealed again, 0 opened by no key",
    ]
    settings.ENCRYPTION_KEYS = [new]
    assert decrypt(SigningSecret.objects.get().encrypted) == before
    assert decrypt(bytes(RememberedReply.objects.get(key="k").body).decode()) == "once"
    assert bytes(RememberedReply.objects.get(key="not answered yet").body) == b""


def test_a_second_run_has_nothing_to_do_and_a_check_says_so(sealed: str, settings: Settings) -> None:
    settings.ENCRYPTION_KEYS = [fresh_key(), sealed]
    rotate()
    stored = SigningSecret.objects.get().encrypted
    assert rotate("--check") == [
        "core.FormerContact.was: 1 current, 0 under an older key, 0 opened by no key",
        "core.RememberedReply.body: 1 current, 0 under an older key, 0 opened by no key",
        "core.SecondStep.secret: 1 current, 0 under an older key, 0 opened by no key",
        "partners.Installation.credential: 1 current, 0 under an older key, 0 opened by no key",
        "partners.SigningSecret.encrypted: 1 current, 0 under an older key, 0 opened by no key",
        "assessments.Erasure.traced_by: 1 current, 0 under an older key, 0 opened by no key",
    ]
    rotate()
    assert SigningSecret.objects.get().encrypted == stored


def test_a_check_fails_while_something_is_under_an_older_key_and_changes_nothing(
    sealed: str, settings: Settings
) -> None:
    settings.ENCRYPTION_KEYS = [fresh_key(), sealed]
    stored = SigningSecret.objects.get().encrypted
    with pytest.raises(CommandError, match="6 rows are not under the first key"):
        rotate("--check")
    assert SigningSecret.objects.get().encrypted == stored


def test_what_no_key_opens_is_counted_and_left_as_it_is(sealed: str, settings: Settings) -> None:
    stored = SigningSecret.objects.get().encrypted
    settings.ENCRYPTION_KEYS = [fresh_key()]
    with pytest.raises(CommandError, match="6 rows are not under the first key"):
        rotate()
    assert SigningSecret.objects.get().encrypted == stored


def test_a_run_that_was_cut_short_goes_on_with_what_is_left(
    sealed: str, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keys, "_BATCH", 2)
    for number in range(5):
        RememberedReply.objects.create(client="c", key=str(number), fingerprint="f", body=encrypt("x").encode())
    settings.ENCRYPTION_KEYS = [fresh_key(), sealed]
    column = keys.Column(model=RememberedReply, name="body")
    first = RememberedReply.objects.order_by("pk")[0]
    RememberedReply.objects.filter(pk=first.pk).update(body=encrypt("once").encode())
    assert keys.rotate(column) == keys.Tally(current=1, old=5)
    assert keys.survey(column) == keys.Tally(current=6)


def test_what_was_written_meanwhile_is_not_overwritten(sealed: str, settings: Settings) -> None:
    row = SigningSecret.objects.get()
    settings.ENCRYPTION_KEYS = [fresh_key(), sealed]
    newer = encrypt("whsec_newer")
    SigningSecret.objects.update(encrypted=newer)
    column = keys.Column(model=SigningSecret, name="encrypted")
    keys._replace(column, row.pk, row.encrypted, encrypt("whsec_older"))
    assert SigningSecret.objects.get().encrypted == newer


def test_no_column_holds_a_sealed_value_without_being_marked(sealed: str) -> None:
    found = {
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models()
        for field in model._meta.local_concrete_fields
        for (cell,) in model._base_manager.values_list(field.name)
        if FERNET_MARK in str(bytes(cell) if isinstance(cell, memoryview) else cell)
    }
    assert found == {str(column) for column in keys.sealed_columns()}


def test_only_these_modules_seal_anything() -> None:
    """Whoever seals in a new place marks its column, has the test above hold a row of it, and is named here."""
    seals = {
        str(path.relative_to(ROOT))
        for floor in ("core", "partners", "assessments")
        for path in (ROOT / floor).rglob("*.py")
        if any(
            isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", "")) == "encrypt"
            for node in ast.walk(ast.parse(path.read_text()))
        )
    }
    assert seals == {
        "core/secrets.py",
        "core/services/keys.py",
        "core/idempotency.py",  # RememberedReply.body
        "core/services/hiring.py",  # FormerContact.was
        "core/services/second_step.py",  # SecondStep.secret
        "partners/services/connecting.py",  # Installation.credential
        "assessments/services/erasures.py",  # Erasure.traced_by
        "partners/services/endpoints.py",  # SigningSecret.encrypted
        "core/api/feeds.py",  # cursors: in the hands of callers, in no row
        "core/api/pagination.py",
    }


def test_the_first_key_is_told_from_the_others(settings: Settings) -> None:
    old, new = fresh_key(), fresh_key()
    settings.ENCRYPTION_KEYS = [old]
    sealed = encrypt("x")
    assert is_current(sealed)
    settings.ENCRYPTION_KEYS = [new, old]
    assert not is_current(sealed)
