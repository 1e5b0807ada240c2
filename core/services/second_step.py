"""Two-step sign-in: an authenticator is prepared, confirmed, asked, and taken away. Waiting after wrong codes is not
decided here (``core.guesses``)."""

from __future__ import annotations

import base64
import hmac
import secrets as random
import time
from urllib.parse import quote, urlencode

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django_otp.oath import hotp

from core import audit, secrets
from core.ids import token_hash
from core.models import RecoveryCode, SecondStep, User

_STEP_SECONDS = 30
# Clocks may be apart by a step in either direction.
_TOLERANCE = (0, -1, 1)
_DIGITS = 6
_RECOVERY_CODES = 10


def is_on(user: User) -> bool:
    return SecondStep.objects.filter(user=user).exclude(confirmed_at=None).exists()


def prepare(user: User) -> None:
    """A fresh secret to be scanned and confirmed; nothing changes for somebody who has a second step already."""
    sealed = secrets.encrypt(base64.b32encode(random.token_bytes(20)).decode())
    step, is_new = SecondStep.objects.get_or_create(user=user, defaults={"secret": sealed})
    if not is_new:
        SecondStep.objects.filter(pk=step.pk, confirmed_at=None).update(secret=sealed, created_at=timezone.now())


def prepared(user: User) -> SecondStep | None:
    """What waits to be confirmed."""
    return SecondStep.objects.filter(user=user, confirmed_at=None).first()


def secret_of(step: SecondStep) -> str:
    """In base32, for people who cannot scan."""
    return secrets.decrypt(step.secret)


def address_of(step: SecondStep) -> str:
    """The ``otpauth:`` URI that authenticators scan (Google's Key Uri Format)."""
    label = quote(f"{settings.PRODUCT_NAME}:{step.user.sign_in_name}")
    return f"otpauth://totp/{label}?{urlencode({'secret': secret_of(step), 'issuer': settings.PRODUCT_NAME})}"


@transaction.atomic
def confirm(user: User, code: str) -> list[str] | None:
    """Turns it on where the code is right; the recovery codes, known here and nowhere else. None for a wrong code."""
    step = prepared(user)
    if step is None or not _is_code_of(step, code):
        return None
    if not SecondStep.objects.filter(pk=step.pk, confirmed_at=None).update(confirmed_at=timezone.now()):
        return None
    audit.record("second_step.turned_on", actor=user, subject=f"user {user.pk}")
    return _fresh_recovery_codes(step)


def accepts(user: User, code: str) -> bool:
    """Whether this is the authenticator's code of now, or a recovery code; either is taken once."""
    step = SecondStep.objects.filter(user=user).exclude(confirmed_at=None).first()
    return step is not None and (_is_code_of(step, code) or _is_recovery_code_of(step, code))


@transaction.atomic
def renew_recovery_codes(user: User) -> list[str]:
    """The old ones are void. Raises SecondStep.DoesNotExist."""
    step = SecondStep.objects.exclude(confirmed_at=None).get(user=user)
    step.recovery_codes.all().delete()
    audit.record("second_step.recovery_codes_renewed", actor=user, subject=f"user {user.pk}")
    return _fresh_recovery_codes(step)


@transaction.atomic
def take_away(user: User, *, actor: User) -> bool:
    """By the person, or by support for somebody who lost both app and codes; whether there was one."""
    deleted, _ = SecondStep.objects.filter(user=user).delete()
    if deleted:
        verb = "second_step.turned_off" if actor == user else "second_step.reset_by_support"
        audit.record(verb, actor=actor, subject=f"user {user.pk}")
    return bool(deleted)


def _is_code_of(step: SecondStep, code: str) -> bool:
    """A code that was seen over a shoulder is worth nothing: its time step is used up by a conditional update."""
    said = "".join(code.split()).encode()
    key = base64.b32decode(secret_of(step))
    now = int(time.time()) // _STEP_SECONDS
    for moment in (now + apart for apart in _TOLERANCE):
        if hmac.compare_digest(f"{hotp(key, moment, _DIGITS):0{_DIGITS}d}".encode(), said):
            return bool(SecondStep.objects.filter(pk=step.pk, last_step__lt=moment).update(last_step=moment))
    return False


def _is_recovery_code_of(step: SecondStep, code: str) -> bool:
    mine = step.recovery_codes.filter(code_hash=_hash(code), used_at=None)
    if not mine.update(used_at=timezone.now()):
        return False
    audit.record("second_step.recovery_code_used", actor=step.user, subject=f"user {step.user_id}")
    return True


def _fresh_recovery_codes(step: SecondStep) -> list[str]:
    codes = [_recovery_code() for _ in range(_RECOVERY_CODES)]
    RecoveryCode.objects.bulk_create(RecoveryCode(second_step=step, code_hash=_hash(code)) for code in codes)
    return codes


def _recovery_code() -> str:
    """80 random bits, so that a fast hash is enough: ``k3qd-7xwp-…``, four groups of four."""
    text = base64.b32encode(random.token_bytes(10)).decode().lower()
    return "-".join(text[at : at + 4] for at in range(0, 16, 4))


def _hash(code: str) -> str:
    return token_hash("".join(letter for letter in code.lower() if letter.isalnum()))
