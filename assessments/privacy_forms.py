"""The forms of privacy: a legal hold, an erasure, and how long an organization keeps its results."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms

from assessments.models import AssessmentType, Erasure
from assessments.services.retention import Rules
from assessments.trails import telling_words
from core.models import Candidate

DEFAULT, FOR_GOOD = "default", "good"
MONTHS = (1, 3, 6, 12, 18, 24, 36, 60, 84, 120)


class HoldForm(forms.Form):
    """Why nothing of a candidate may be deleted."""

    reason = forms.CharField(max_length=500, help_text="Admins read it on this page; it is deleted with the candidate.")


class EraseForm(forms.Form):
    """On which ground a candidate is erased. What is filled in stays on the receipt, so it may name nobody."""

    ground = forms.ChoiceField(label="Why", choices=[("", "Choose…"), *Erasure.Ground.choices])
    reference = forms.CharField(
        label="Your reference",
        max_length=80,
        required=False,
        help_text="Such as the number of the request. It stays on the receipt: no names.",
    )
    sure = forms.BooleanField(label="I understand that this cannot be undone")

    def __init__(self, *args: Any, candidate: Candidate, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._candidate = candidate

    def clean_reference(self) -> str:
        text = str(self.cleaned_data["reference"])
        if any(word in text.lower() for word in telling_words(self._candidate)):
            raise forms.ValidationError("This names the candidate, and would stay: use a number.", code="names")
        return text


class RetentionForm(forms.Form):
    """For how long results are kept: a default, and for each assessment type the same or something else."""

    def __init__(self, *args: Any, types: Iterable[AssessmentType], rules: Rules, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._types = {row.public_id: row for row in types}
        self.fields[DEFAULT] = forms.ChoiceField(
            label="All assessments", choices=_lengths(), initial=_value(rules.get(None))
        )
        for key, row in self._types.items():
            initial = _value(rules[row.pk]) if row.pk in rules else ""
            self.fields[key] = forms.ChoiceField(
                label=row.name, choices=[("", "As above"), *_lengths()], initial=initial, required=False
            )

    def rules(self) -> Rules:
        """What was chosen."""
        chosen = {
            self._types[name].pk if name in self._types else None: value for name, value in self.cleaned_data.items()
        }
        return {
            key: None if value == FOR_GOOD else int(value)
            for key, value in chosen.items()
            if value and (key, value) != (None, FOR_GOOD)
        }

    def rows(self) -> list[tuple[AssessmentType, forms.BoundField]]:
        """Each type with its field."""
        return [(row, self[key]) for key, row in self._types.items()]


def _lengths() -> list[tuple[str, str]]:
    return [(FOR_GOOD, "For good"), *((str(months), _words(months)) for months in MONTHS)]


def _words(months: int) -> str:
    number, unit = (months // 12, "year") if months % 12 == 0 else (months, "month")
    return f"{number} {unit}{'' if number == 1 else 's'}"


def _value(months: int | None) -> str:
    return FOR_GOOD if months is None else str(months)
