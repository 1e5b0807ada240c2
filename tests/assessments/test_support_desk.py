"""The support desk: everything exchanged is found by what anybody holds in the hand, acts go through services."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.db.models import Model
from django.test import Client, RequestFactory
from django.urls import reverse

from assessments.models import Order, OrderUpdate
from assessments.services import erasures, holds
from core.fields import SealedBytesField, SealedTextField
from core.models import AuditRecord, RequestLog, User
from partners.models import Delivery, Endpoint, Event, Installation, Partner
from tests.assessments import scene
from tests.assessments.scene import Shop
from tests.world import PASSWORD, World, make_application


@pytest.fixture
def support(world: World) -> User:
    return User.objects.create_superuser("support@assay.example", PASSWORD, name="Sam Support")


@pytest.fixture
def desk(support: User) -> Client:
    client = Client()
    client.force_login(support)
    return client


@pytest.fixture
def exchanged(shop: Shop, world: World) -> Order:
    """An order that was sent, accepted by the API under a reference, and completed; beside one for somebody else."""
    scene.endpoint(shop)
    bram = make_application(world.bram, world.stages[0])
    scene.place(shop, application=bram)
    order = scene.place(shop)
    assert shop.api().post(f"orders/{order.public_id}/accept", {"reference": "CF-77"}).status_code == 201
    scene.post(order)
    holds.place(world.ada, reason="A claim.", actor=world.admin.user)
    erasures.erase(world.bram, ground="asked", actor=world.admin.user)
    return scene.reread(order)


def found(desk: Client, model: type[Any], term: str, **filters: str) -> list[Any]:
    answer = desk.get(reverse(f"admin:{model._meta.label_lower.replace('.', '_')}_changelist"), {"q": term, **filters})
    assert answer.status_code == 200
    return list(answer.context["cl"].queryset)


def act(desk: Client, model: type[Any], action: str, row: Any) -> None:
    url = reverse(f"admin:{model._meta.label_lower.replace('.', '_')}_changelist")
    answer = desk.post(url, {"action": action, "_selected_action": [row.pk]}, follow=True)
    assert answer.status_code == 200


@pytest.mark.parametrize("model", [Order, OrderUpdate, Event, Delivery, RequestLog, AuditRecord])
def test_what_was_exchanged_is_found_by_id_reference_and_address(
    desk: Client, exchanged: Order, model: type[Any]
) -> None:
    by_id = found(desk, model, exchanged.public_id)
    assert by_id
    assert all(exchanged.public_id in json.dumps(_texts(row)) for row in by_id)
    by_reference = found(desk, model, "CF-77")
    assert set(by_id) <= set(by_reference)
    assert not any("Globex" in json.dumps(_texts(row)) for row in by_reference)
    assert set(by_id) <= set(found(desk, model, exchanged.candidate.email.upper()))
    assert found(desk, model, "nobody@mail.example") == []


def _texts(row: Any) -> list[str]:
    about = [getattr(row, "event", None), getattr(row, "order", None), row]
    return [str(value) for thing in about if thing is not None for value in vars(thing).values()]


def test_every_list_and_row_of_the_desk_opens_and_changes_nothing(desk: Client, exchanged: Order) -> None:
    shown = {model for model in admin.site._registry if model._meta.app_label != "auth"}
    assert {model._meta.app_label for model in shown} == {"core", "partners", "assessments"}
    for model in shown:
        name = model._meta.label_lower.replace(".", "_")
        assert desk.get(reverse(f"admin:{name}_changelist")).status_code == 200
        assert desk.get(reverse(f"admin:{name}_add")).status_code == 403
        row = model._default_manager.first()
        if row is not None:
            assert desk.get(reverse(f"admin:{name}_change", args=[row.pk])).status_code == 200
            assert desk.post(reverse(f"admin:{name}_change", args=[row.pk]), {}).status_code == 403
            assert desk.post(reverse(f"admin:{name}_delete", args=[row.pk]), {"post": "yes"}).status_code == 403


def test_the_first_page_leads_to_what_waits_for_a_person(desk: Client, exchanged: Order) -> None:
    answer = desk.get("/admin/")
    Delivery.objects.filter(event__subject=exchanged.public_id).update(state="unclear")
    unclear = Delivery.objects.get(event__subject=exchanged.public_id)
    links = [
        (f"{reverse('admin:partners_delivery_changelist')}?state__exact=unclear", [unclear]),
        (f"{reverse('admin:partners_delivery_changelist')}?state__exact=given_up", []),
        (f"{reverse('admin:assessments_orderupdate_changelist')}?outcome__exact=rejected", []),
    ]
    for link, rows in links:
        assert link in answer.content.decode()
        assert list(desk.get(link).context["cl"].queryset) == rows


def test_a_rejected_document_is_read_as_it_was_sent(desk: Client, exchanged: Order, shop: Shop) -> None:
    order = scene.place(shop)
    body = {"kind": "final", "document": {"score": "<b>many</b>"}}
    assert shop.api().post(f"orders/{order.public_id}/results", body).status_code == 422
    [rejected] = found(desk, OrderUpdate, order.public_id, outcome__exact="rejected")
    page = desk.get(reverse("admin:assessments_orderupdate_change", args=[rejected.pk])).content.decode()
    assert "&lt;b&gt;many&lt;/b&gt;" in page
    assert "<b>many</b>" not in page


def test_redeliver_makes_the_same_event_due_again_and_is_audited(desk: Client, exchanged: Order, support: User) -> None:
    Delivery.objects.update(state="given_up")
    delivery = Delivery.objects.get(event__subject=exchanged.public_id)
    act(desk, Delivery, "redeliver", delivery)
    assert Delivery.objects.get(pk=delivery.pk).state == "due"
    assert Event.objects.filter(subject=exchanged.public_id).count() == 1
    assert AuditRecord.objects.get(verb="delivery.redelivered").actor == support


def test_rotate_secret_shows_the_new_one_once_and_is_audited(desk: Client, shop: Shop, support: User) -> None:
    endpoint = scene.endpoint(shop)
    url = reverse("admin:partners_endpoint_changelist")
    answer = desk.post(url, {"action": "rotate_secret", "_selected_action": [endpoint.pk]}, follow=True)
    assert "whsec_" in answer.content.decode()
    assert "whsec_" not in desk.get(url).content.decode()
    assert AuditRecord.objects.get(verb="endpoint.secret_rotated").actor == support


def test_disable_endpoint_stops_it_and_is_audited(desk: Client, shop: Shop, support: User) -> None:
    endpoint = scene.endpoint(shop)
    act(desk, Endpoint, "disable", endpoint)
    assert not Endpoint.objects.get(pk=endpoint.pk).enabled
    assert AuditRecord.objects.get(verb="endpoint.disabled").actor == support


def test_partners_are_suspended_reinstated_and_approved_by_support_and_audited(
    desk: Client, shop: Shop, support: User
) -> None:
    for action, verb, status in (
        ("suspend", "partner.suspended", "suspended"),
        ("reinstate", "partner.reinstated", "approved"),
    ):
        act(desk, Partner, action, shop.partner)
        assert Partner.objects.get(pk=shop.partner.pk).status == status
        assert AuditRecord.objects.get(verb=verb).actor == support
    Partner.objects.filter(pk=shop.partner.pk).update(status="sandbox", approved_at=None)
    act(desk, Partner, "approve", shop.partner)
    assert Partner.objects.get(pk=shop.partner.pk).status == "approved"
    assert AuditRecord.objects.filter(verb="partner.approved", actor=support).exists()


def test_an_act_that_the_service_refuses_is_told_and_changes_nothing(desk: Client, exchanged: Order) -> None:
    delivery = Delivery.objects.get(event__subject=exchanged.public_id)
    assert delivery.state == "withdrawn"
    act(desk, Delivery, "redeliver", delivery)
    assert Delivery.objects.get(pk=delivery.pk).state == "withdrawn"
    assert not AuditRecord.objects.filter(verb="delivery.redelivered").exists()


def test_staff_who_may_only_look_is_offered_no_act(world: World, shop: Shop) -> None:
    looker = User.objects.create_user("looker@assay.example", PASSWORD, name="Lou", is_staff=True)
    looker.user_permissions.add(Permission.objects.get(codename="view_partner"))
    client = Client()
    client.force_login(looker)
    url = reverse("admin:partners_partner_changelist")
    assert "Suspend partner" not in client.get(url).content.decode()
    client.post(url, {"action": "suspend", "_selected_action": [shop.partner.pk]})
    assert Partner.objects.get(pk=shop.partner.pk).status == "approved"


def test_a_recruiter_finds_no_desk(world: World) -> None:
    client = Client()
    client.force_login(world.recruiter.user)
    assert client.get("/admin/").status_code == 302
    assert client.get(reverse("admin:assessments_order_changelist")).status_code == 302


def secret_columns(model: type[Model]) -> set[str]:
    """Sealed, or the hash of something that opens a door."""
    return {
        field.name
        for field in model._meta.concrete_fields
        if isinstance(field, SealedTextField | SealedBytesField)
        or field.name in {"password", "client_secret"}
        or field.name.endswith("_hash")
    }


def test_no_page_of_the_desk_shows_a_sealed_or_hashed_column(rf: RequestFactory, support: User) -> None:
    request = rf.get("/admin/")
    request.user = support
    shown = {
        f"{model.__name__}.{name}"
        for page in admin.site._registry.values()
        for part in (page, *page.get_inline_instances(request))
        for model in [part.model]
        for name in {*map(str, part.get_fields(request)), *map(str, getattr(part, "list_display", ()))}
        if name in secret_columns(model)
    }
    assert shown == set()
    assert secret_columns(Installation) == {"credential", "key_hash"}
    assert secret_columns(User) == {"password"}
