"""People and where they work: User, Organization, Membership, Invitation, SignInLink. No hiring, no partners."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.utils import timezone
from django.utils.crypto import salted_hmac

from core.ids import public_id

# People of sandboxes sign in by a name: nobody vouches for an address of theirs, so they take none (docs/adr/0016).
_NAMES_AT = "@sandbox.invalid"


def log_in_of(typed: str) -> str:
    """What stands as the ``email`` of whoever signs in by this address, or by this name."""
    typed = typed.strip().lower()
    return typed if "@" in typed else f"{typed}{_NAMES_AT}"


def organization_id() -> str:
    return public_id("org")


def invitation_id() -> str:
    return public_id("inv")


class Accounts(BaseUserManager["User"]):
    """Makes users; an e-mail address is one person whatever its case."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        user = self.model(email=log_in_of(email), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email=log_in_of(username or ""))


class User(AbstractBaseUser, PermissionsMixin):
    """A person who signs in by e-mail, or in sandboxes by name; or an Installation's service user, which owns its
    tokens and never signs in.
    """

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=120, blank=True)
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False)
    is_service = models.BooleanField(default=False)
    joined_at = models.DateTimeField(default=timezone.now)
    # How often this person signed out everywhere; each time ends all sessions there are.
    signed_out_everywhere = models.PositiveIntegerField(default=0, editable=False)

    objects: ClassVar[Accounts] = Accounts()
    #: The person's memberships, where they were read together with the person.
    memberships_read: list[Membership] | None = None

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        ordering = ("email",)

    def __str__(self) -> str:
        return self.name or self.sign_in_name

    @property
    def sign_in_name(self) -> str:
        """What this person types to sign in."""
        return self.email.removesuffix(_NAMES_AT)

    @property
    def has_address(self) -> bool:
        return not self.email.endswith(".invalid")

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """What a session has to hold to be believed: Django's own, over the password, until one signs out everywhere.

        This is where Django makes it for the key and for each of its fallbacks; read in 5.2.
        """
        inherited: str = super()._get_session_auth_hash(secret)  # type: ignore[misc]  # the stubs leave it out
        if not self.signed_out_everywhere:
            return inherited
        said = f"{inherited}:{self.signed_out_everywhere}"
        return salted_hmac("core.User.signed_out_everywhere", said, secret, algorithm="sha256").hexdigest()

    def get_short_name(self) -> str:
        return self.name.split(" ")[0] if self.name else self.email.split("@")[0]


class Organization(models.Model):
    """A hiring company; a sandbox one belongs to a Partner that tries the loop."""

    public_id = models.CharField(max_length=40, unique=True, default=organization_id, editable=False)
    name = models.CharField(max_length=120)
    is_sandbox = models.BooleanField(default=False)
    # Whether programs of its own are told what happens here: from its first API client on, and then for good.
    is_listening = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class Role(models.TextChoices):
    ADMIN = "admin", "Admin"
    RECRUITER = "recruiter", "Recruiter"
    INTERVIEWER = "interviewer", "Interviewer"


class Membership(models.Model):
    """A person at an Organization, in one role; it is the viewer that selectors take for a person."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=20, choices=Role.choices, default=Role.RECRUITER)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("organization__name", "user__email")
        constraints = [
            models.UniqueConstraint(fields=["user", "organization"], name="membership_once"),
        ]

    def __str__(self) -> str:
        return f"{self.user} at {self.organization}"


class Invitation(models.Model):
    """A link by which a colleague joins. The token is stored hashed and shown once."""

    public_id = models.CharField(max_length=40, unique=True, default=invitation_id, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="invitations")
    email = models.EmailField()
    role = models.CharField(max_length=20, choices=Role.choices, default=Role.RECRUITER)
    token_hash = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-created_at",)

    def __str__(self) -> str:
        return self.public_id

    @property
    def is_open(self) -> bool:
        return self.accepted_at is None and self.revoked_at is None and timezone.now() < self.expires_at


class SignInLink(models.Model):
    """A single-use way in for the person behind an API registration. The token is stored hashed."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    token_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-created_at",)

    def __str__(self) -> str:
        return f"sign-in link of user {self.user_id}"
