"""The catalogue of a connected partner: what changes there, changes here; what cannot be read changes nothing."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from assessments.dialects.values import OfferedType
from assessments.models import AssessmentType, CatalogueRefresh, ResultSchema
from assessments.services import refreshing
from core.models import AuditRecord
from partners.models import Installation
from partners.services import onboarding
from tests.assessments.compat.scene import Vendor
from tests.assessments.dialects.shipped import payload, schema_text
from tests.fakes import partner_server as fakes

pytestmark = pytest.mark.django_db


def offers(vendor: Vendor, *entries: dict[str, object]) -> CatalogueRefresh:
    body = json.dumps({"success": True, "results": list(entries)}).encode()
    vendor.answers["catalogue"] = fakes.status(200, body)
    row: CatalogueRefresh = vendor.refresh()
    return row


def entry(key: object, name: object) -> dict[str, object]:
    return {"assessment_type_id": key, "name": name, "description": "."}


def on_offer(vendor: Vendor) -> dict[str, str]:
    return {row.key: row.name for row in vendor.types if row.retired_at is None}


def test_what_disappears_is_retired_and_orders_in_flight_live_on(lingua: Vendor) -> None:
    offers(lingua, entry("a", "Alpha"), entry("b", "Beta"))
    alpha = AssessmentType.objects.get(partner=lingua.installation.partner, key="a")
    order = lingua.ordered(assessment_type=alpha)
    row = offers(lingua, entry("b", "Beta"))
    assert on_offer(lingua) == {"b": "Beta"}
    assert row.sentence == "1 assessment: 1 retired."
    lingua.tell("POST", "assessment.update", payload("ashby", "assessment.update.started"))
    order.refresh_from_db()
    assert order.status == "started"


def test_a_suspended_partner_is_not_asked_and_keeps_what_it_offered(lingua: Vendor) -> None:
    offers(lingua, entry("a", "Alpha"))
    asked = len(lingua.server.received)
    onboarding.suspend(lingua.installation.partner, actor="support")
    row = refreshing.refresh(Installation.objects.get(pk=lingua.installation.pk))
    assert (row.outcome, row.sentence, len(lingua.server.received)) == ("failed", "The partner is suspended.", asked)
    assert on_offer(lingua) == {"a": "Alpha"}


def test_a_new_name_is_followed_and_what_comes_back_is_on_offer_again(lingua: Vendor) -> None:
    offers(lingua, entry("a", "Alpha"))
    first = AssessmentType.objects.get(partner=lingua.installation.partner, key="a")
    offers(lingua, entry("b", "Beta"))
    row = offers(lingua, entry("a", "Alpha two"))
    assert on_offer(lingua) == {"a": "Alpha two"}
    assert AssessmentType.objects.get(key="a").pk == first.pk
    assert row.sentence == "1 assessment: 1 renamed, 1 back again, 1 retired."


def test_ids_are_text_and_twins_and_the_nameless_are_handled(lingua: Vendor) -> None:
    offers(lingua, entry(4021, "By number"), entry("4021", "Its twin"), entry(None, "No id"), entry("n", None))
    assert on_offer(lingua) == {"4021": "By number", "n": "n"}


def test_an_id_longer_than_a_column_is_left_out_and_counted(lingua: Vendor) -> None:
    tally = refreshing.take(
        lingua.installation, [OfferedType(key="k" * 81, name="Long"), OfferedType(key="a", name="A")], order_schema=""
    )
    assert (tally.offered, tally.skipped) == (1, 1)


@pytest.mark.parametrize(
    "behaviour",
    [fakes.html, fakes.status(401), fakes.status(200, payload("ashby", "failure.reply")), fakes.nothing],
    ids=["a page", "401", "an error inside", "no answer"],
)
def test_a_refresh_that_fails_changes_nothing_and_says_why(lingua: Vendor, behaviour: fakes.Behaviour) -> None:
    before = on_offer(lingua)
    lingua.answers["catalogue"] = behaviour
    row = lingua.refresh()
    assert (row.outcome, on_offer(lingua)) == ("failed", before)
    assert row.sentence
    assert row.done_at is not None


def test_each_type_has_the_schema_of_its_dialect_and_a_changed_file_is_a_new_version(
    lingua: Vendor, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = schema_text("ashby")
    schemas = ResultSchema.objects.filter(assessment_type__partner=lingua.installation.partner)
    assert {(row.version, row.state, row.text) for row in schemas} == {(1, "published", text)}
    changed = json.dumps({**json.loads(text), "description": "Another."})
    monkeypatch.setattr(refreshing, "schema_text", lambda dialect: changed)
    lingua.refresh()
    lingua.refresh()
    newest = lingua.types[0].result_schemas.order_by("-version")[0]
    assert (newest.version, newest.state, newest.text) == (2, "published", changed)


def test_custom_fields_become_the_order_form_of_all_its_types(lingua: Vendor) -> None:
    url = f"{lingua.server.url}/fields"
    refreshing_urls = {"fields": url}
    from partners.services import connecting

    connecting.change_urls(lingua.installation, refreshing_urls, actor="tests")
    lingua.says("fields", "assessment.customField.list.reply")
    assert lingua.refresh().outcome == "done"
    assert {"level" in json.loads(row.order_schema)["properties"] for row in lingua.types} == {True}


def test_a_catalogue_may_be_far_longer_than_a_reply(lingua: Vendor) -> None:
    long = "A rather long description. " * 40
    row = offers(lingua, *({**entry(f"id-{n}", f"Number {n}"), "description": long} for n in range(90)))
    assert (row.outcome, len(on_offer(lingua))) == ("done", 90)


def test_it_is_asked_daily_and_only_once_at_a_time(lingua: Vendor) -> None:
    asked = len(lingua.calls("catalogue"))
    assert refreshing.refresh_due() == 0
    with time_machine.travel(timezone.now() + timedelta(hours=24, minutes=1)):
        assert refreshing.refresh_due() == 1
        assert refreshing.refresh_due() == 0
    CatalogueRefresh.objects.update(claimed_until=timezone.now() + timedelta(minutes=1))
    lingua.refresh()
    assert len(lingua.calls("catalogue")) == asked + 1


def test_a_refresh_without_changes_writes_no_history(lingua: Vendor) -> None:
    before = AuditRecord.objects.count()
    lingua.refresh()
    assert AuditRecord.objects.count() == before
