"""Forms of the partners' pages: shape only. Whether something may be done is decided by services."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator

from core.forms import SignInNameField, refuse_weak_password
from core.models import User
from partners import names
from partners.models import Endpoint, Purpose
from partners.scopes import ORGANIZATION_SCOPES
from partners.services.clients import LONGEST_NAME


class CompanyForm(forms.Form):
    """What a signed-in person fills in to register a further partner."""

    name = forms.CharField(
        label="Company name",
        max_length=120,
        help_text="As admins and recruiters will read it.",
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
    )
    website = forms.CharField(
        label="Website",
        max_length=200,
        required=False,
        validators=[URLValidator(schemes=["https"])],
        widget=forms.URLInput(attrs={"placeholder": "https://"}),
    )

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        if problem := names.problem_of(name):
            raise ValidationError(problem)
        return name


class AccountForm(forms.Form):
    """A name and a password to sign in with."""

    sign_in_name = SignInNameField()
    password = forms.CharField(
        label="Password",
        strip=False,
        help_text="At least 10 characters.",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        names = f"{cleaned.get('person_name', '')} {cleaned.get('sign_in_name', '')}".strip()
        refuse_weak_password(self, User(email=cleaned.get("email", ""), name=names))
        return cleaned


class RegisterForm(CompanyForm, AccountForm):
    """A new partner and the account of its first person."""

    person_name = forms.CharField(
        label="Your name", max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    email = forms.EmailField(
        label="Your e-mail",
        help_text="How we reach you. You do not sign in with it.",
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    field_order = ("name", "website", "person_name", "email", "sign_in_name", "password")


class RedirectUrisForm(forms.Form):
    """One per line; which are taken is the service's matter."""

    redirect_uris = forms.CharField(
        label="Redirect URIs",
        required=False,
        max_length=6000,
        help_text="One per line, https only. An organization’s admin is sent back to one of them after consent.",
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}),
    )

    def clean_redirect_uris(self) -> list[str]:
        return [line.strip() for line in self.cleaned_data["redirect_uris"].splitlines() if line.strip()]


class EndpointForm(forms.Form):
    """Where one purpose is reached."""

    purpose = forms.ChoiceField(label="Purpose", choices=Purpose.choices, initial=Purpose.EVENTS)
    url = forms.CharField(
        label="URL",
        max_length=Endpoint._meta.get_field("url").max_length,
        widget=forms.URLInput(attrs={"placeholder": "https://", "autocomplete": "off"}),
    )
    topics = forms.CharField(
        label="Topics",
        required=False,
        max_length=1000,
        help_text="Only these, with spaces between them; empty for all.",
        widget=forms.TextInput(attrs={"placeholder": "order.placed order.cancelled", "autocomplete": "off"}),
    )

    def clean_topics(self) -> list[str]:
        names: str = self.cleaned_data["topics"]
        return names.replace(",", " ").split()


class RedeliverForm(forms.Form):
    """Since when; in UTC."""

    since = forms.DateTimeField(label="Since (UTC)", widget=forms.DateTimeInput(attrs={"type": "datetime-local"}))


class ClientNameForm(forms.Form):
    name = forms.CharField(label="Name", max_length=LONGEST_NAME, help_text="Which program it is for.")


class ClientForm(ClientNameForm):
    """A new API client: its name, and what it may do."""

    scopes = forms.MultipleChoiceField(
        label="What it may do",
        choices=list(ORGANIZATION_SCOPES.items()),
        initial=list(ORGANIZATION_SCOPES),
        widget=forms.CheckboxSelectMultiple,
    )
