"""The second step of a log-in: SecondStep (an app that makes codes) and its RecoveryCodes."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from core.fields import SealedTextField
from core.models.people import User


class SecondStep(models.Model):
    """A person's authenticator (TOTP, RFC 6238). It is asked for once ``confirmed_at`` is set."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="second_step")
    # The shared secret in base32, encrypted by core.secrets.
    secret = SealedTextField()
    # The newest time step (of 30 s) whose code was used: neither it nor an older one is taken again.
    last_step = models.BigIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)
    confirmed_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"second step of user {self.user_id}"


class RecoveryCode(models.Model):
    """Stands for a code of the authenticator, once. Stored hashed and shown once."""

    second_step = models.ForeignKey(SecondStep, on_delete=models.CASCADE, related_name="recovery_codes")
    code_hash = models.CharField(max_length=64)
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["second_step", "code_hash"], name="recovery_code_once"),
        ]

    def __str__(self) -> str:
        return f"recovery code of {self.second_step_id}"
