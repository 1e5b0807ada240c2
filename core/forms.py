"""Forms of floor 1: shape only. Whether something may be done is decided by services."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any, cast
from zoneinfo import available_timezones

from django import forms
from django.contrib.auth import password_validation
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.core.validators import RegexValidator
from django.http import HttpRequest

from core.models import Candidate, Invitation, Job, Role, User, log_in_of
from core.panels import CandidateFilter

RESUME_MOST_BYTES = 5 * 1024 * 1024
PDF_MAGIC = b"%PDF-"


def refuse_weak_password(form: forms.Form, person: User) -> None:
    """Says on the form what is wrong with its password for this person, whose name and address are no secret."""
    if password := form.cleaned_data.get("password"):
        try:
            password_validation.validate_password(password, person)
        except ValidationError as refused:
            form.add_error("password", refused)


@cache
def time_zones() -> tuple[str, ...]:
    """The names of the zones where people live, and UTC."""
    places = (name for name in available_timezones() if "/" in name and not name.startswith("Etc/"))
    return ("UTC", *sorted(places))


class SignInNameField(forms.CharField):
    """By which somebody in a sandbox signs in. No ``@``: it is nobody's address."""

    default_validators = [
        RegexValidator(r"\A[a-z0-9][a-z0-9._-]*\Z", "Letters a to z, digits, dots, hyphens and underscores only.")
    ]

    def __init__(self) -> None:
        super().__init__(
            label="Sign-in name",
            min_length=3,
            max_length=40,
            help_text="You sign in with it, for example dana.codeforge.",
            widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}),
        )

    def to_python(self, value: Any) -> str:
        return str(super().to_python(value) or "").lower()


class SignInForm(AuthenticationForm):
    """An e-mail address, or in sandboxes a name; and the password."""

    error_messages = {
        "invalid_login": "This e-mail address or name does not go together with this password.",
        "inactive": "This account is closed.",
    }

    def __init__(self, request: HttpRequest | None = None, *args: Any, **kwargs: Any) -> None:
        super().__init__(request, *args, **kwargs)
        self.fields["username"].label = "E-mail or sign-in name"
        attrs = {"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false", "autofocus": True}
        self.fields["username"].widget = forms.TextInput(attrs=attrs)

    def clean_username(self) -> str:
        return log_in_of(self.cleaned_data["username"])


class ChangePasswordForm(PasswordChangeForm):
    """The old password, and the new one twice."""

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(user, *args, **kwargs)
        self.fields["old_password"].label = "Current password"
        self.fields["new_password2"].label = "New password, again"
        self.fields["new_password2"].help_text = ""


class CodeForm(forms.Form):
    """A code of the authenticator app, or a recovery code where one is taken."""

    code = forms.CharField(
        label="Code", max_length=40, widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "autofocus": True})
    )


class OwnPasswordForm(forms.Form):
    """The password once more, before something that changes how the account is signed in to."""

    password = forms.CharField(
        label="Your password",
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password", "autofocus": True}),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._user = user

    def clean_password(self) -> str:
        password = str(self.cleaned_data["password"])
        if not self._user.check_password(password):
            raise ValidationError("This is not your password.", code="wrong")
        return password


class InvitationForm(forms.Form):
    email = forms.EmailField(label="E-mail", widget=forms.EmailInput(attrs={"autocomplete": "off"}))
    role = forms.ChoiceField(label="Role", choices=Role.choices, initial=Role.RECRUITER)


class JoinForm(forms.Form):
    """What somebody new fills in to accept an invitation; the e-mail address is the invitation's.

    Not so in a sandbox: a name is chosen there.
    """

    name = forms.CharField(label="Your name", max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    password = forms.CharField(
        label="Password",
        strip=False,
        help_text=password_validation.password_validators_help_text_html(),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    field_order = ("name", "sign_in_name", "password")

    def __init__(self, *args: Any, invitation: Invitation, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._email = invitation.email
        if invitation.organization.is_sandbox:
            self.fields["sign_in_name"] = SignInNameField()
            self.order_fields(self.field_order)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        refuse_weak_password(self, User(email=self._email, name=cleaned.get("name", "")))
        return cleaned


class ContactForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    """A candidate's own words: name, contact, résumé."""

    class Meta:
        model = Candidate
        fields = ("first_name", "last_name", "email", "phone", "location", "time_zone", "resume")
        labels = {"email": "E-mail", "resume": "Résumé"}
        help_texts = {
            "resume": "PDF, at most 5 MB.",
            "location": "City and country.",
            "time_zone": "For deadlines and reminders; UTC when it is not known.",
        }
        widgets = {
            "phone": forms.TextInput(attrs={"type": "tel"}),
            "resume": forms.FileInput(attrs={"accept": "application/pdf"}),
            "time_zone": forms.Select(choices=[("", "Not known"), *((name, name) for name in time_zones())]),
        }

    def clean_time_zone(self) -> str:
        name = str(self.cleaned_data["time_zone"]).strip()
        if name and name not in time_zones():
            raise ValidationError("Choose a time zone of the list, such as Europe/Lisbon.", code="unknown")
        return name

    def clean_email(self) -> str:
        """One candidate per address and organization; an address that stays as it was is not asked again."""
        email = str(self.cleaned_data["email"]).strip().lower()
        others = Candidate.objects.filter(organization=self.instance.organization_id, email__iexact=email)
        twin = others.exclude(pk=self.instance.pk).first() if "email" in self.changed_data else None
        if twin:
            raise ValidationError(f"{twin.name} has this address already.", code="taken")
        return email

    def clean_resume(self) -> Any:
        """By content, not by name: what does not begin like a PDF is none."""
        resume = self.cleaned_data["resume"]
        if isinstance(resume, UploadedFile):
            if (resume.size or 0) > RESUME_MOST_BYTES:
                raise ValidationError("This file is larger than 5 MB.", code="too_large")
            if resume.read(len(PDF_MAGIC)) != PDF_MAGIC:
                raise ValidationError("This file is not a PDF.", code="not_a_pdf")
            resume.seek(0)
        return resume


class ApplicationForm(forms.Form):
    """For which job, at which stage: one select, grouped by job, so that it works without JavaScript."""

    stage = forms.ChoiceField(label="Job and stage")

    def __init__(self, *args: Any, jobs: Iterable[Job], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        groups = [(job.title, [(stage.public_id, stage.name) for stage in job.stages.all()]) for job in jobs]
        cast(forms.ChoiceField, self.fields["stage"]).choices = [("", "Choose…"), *groups]


class JobForm(forms.Form):
    """A new opening with its hiring plan."""

    title = forms.CharField(label="Title", max_length=120)
    location = forms.CharField(label="Location", max_length=120, required=False)
    stages = forms.CharField(
        label="Stages",
        help_text="One per line, in order; at most 12.",
        initial="Applied\nScreening\nAssessment\nInterview\nOffer",
        widget=forms.Textarea(attrs={"rows": 6}),
    )

    def clean_stages(self) -> list[str]:
        names = [line.strip() for line in self.cleaned_data["stages"].splitlines() if line.strip()]
        if not 1 <= len(names) <= 12:
            raise ValidationError("Between 1 and 12 stages, one per line.")
        if max(map(len, names)) > 80:
            raise ValidationError("A stage's name has at most 80 characters.")
        if len(set(names)) != len(names):
            raise ValidationError("Each stage has a name of its own.")
        return names


class CandidateSearchForm(forms.Form):
    """The filters above the candidate list, with those that other floors registered."""

    q = forms.CharField(label="Search", required=False, max_length=100)
    job = forms.ChoiceField(label="Job", required=False)
    stage = forms.ChoiceField(label="Stage", required=False)

    def __init__(
        self,
        *args: Any,
        jobs: Sequence[tuple[str, str]],
        stages: Sequence[str],
        registered: Iterable[tuple[CandidateFilter, Iterable[tuple[str, str]]]],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self._offer("job", [("", "All jobs"), *jobs])
        self._offer("stage", [("", "All stages"), *((name, name) for name in stages)])
        for extra, choices in registered:
            self.fields[extra.key] = forms.ChoiceField(label=extra.label, required=False)
            self._offer(extra.key, [("", "Any"), *choices])

    def _offer(self, name: str, choices: list[tuple[str, str]]) -> None:
        cast(forms.ChoiceField, self.fields[name]).choices = choices

    def chosen(self) -> dict[str, str]:
        """What was asked and can be understood: an unknown value counts as not asked."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}
