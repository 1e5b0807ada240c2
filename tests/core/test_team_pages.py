"""The team: inviting by link, joining, roles, leaving."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from core.ids import token_hash
from core.models import AuditRecord, Invitation, Membership, Role, User
from core.services import team
from tests.world import PASSWORD, World, make_member

SignIn = Callable[[Membership], Client]


def invite(world: World, email: str = "lea@acme.example", role: str = Role.INTERVIEWER) -> str:
    _, token = team.invite(world.acme, email=email, role=role, actor=world.admin.user)
    return f"/invitations/{token}"


def test_only_admins_see_the_team(world: World, signed_in: SignIn) -> None:
    assert signed_in(world.admin).get("/team").status_code == 200
    assert signed_in(world.recruiter).get("/team").status_code == 403
    assert signed_in(world.interviewer).get("/team").status_code == 403


def test_mallory_sees_nobody_of_acmes_team(world: World, signed_in: SignIn) -> None:
    invite(world)
    page = signed_in(world.mallory).get("/team").content.decode()
    assert "mallory@globex.example" in page
    assert "acme.example" not in page


def test_the_invitation_link_is_shown_once_and_only_its_hash_is_kept(world: World, signed_in: SignIn) -> None:
    client = signed_in(world.admin)
    page = client.post("/team/invitations", {"email": "Lea@acme.example", "role": "recruiter"}).content.decode()
    found = re.search(r"http://testserver/invitations/([\w-]{43})<", page)
    assert found
    invitation = Invitation.objects.get()
    assert (invitation.email, invitation.token_hash) == ("lea@acme.example", token_hash(found[1]))
    assert found[1] not in client.get("/team").content.decode()


def test_somebody_new_joins_by_the_link_and_is_signed_in(world: World, client: Client) -> None:
    link = invite(world)
    assert "Join Acme Robotics" in client.get(link).content.decode()
    answer = client.post(link, {"name": "Lea Vogt", "password": PASSWORD}, follow=True)
    assert "Welcome to Acme Robotics." in answer.content.decode()
    lea = User.objects.get(email="lea@acme.example")
    assert (lea.name, lea.memberships.get().role) == ("Lea Vogt", Role.INTERVIEWER)


def test_a_weak_password_does_not_use_up_the_link(world: World, client: Client) -> None:
    link = invite(world)
    answer = client.post(link, {"name": "Lea Vogt", "password": "leavogt123"})
    assert answer.status_code == 422
    assert "The password is too similar to the name." in answer.content.decode()
    assert client.post(link, {"name": "Lea Vogt", "password": PASSWORD}).status_code == 302


def test_somebody_with_an_account_signs_in_to_join(world: World, client: Client, signed_in: SignIn) -> None:
    link = invite(world, "mallory@globex.example")
    page = client.get(link).content.decode()
    assert f"/login?next={link}" in page
    assert client.post(link, {"name": "x", "password": PASSWORD}).status_code == 200
    hers = signed_in(world.mallory)
    assert hers.post(link).status_code == 302
    assert "Ada Okafor" in hers.get("/candidates").content.decode()


def test_the_link_is_for_its_address_alone(world: World, signed_in: SignIn) -> None:
    link = invite(world)
    client = signed_in(world.mallory)
    assert "You are signed in as mallory@globex.example" in client.get(link).content.decode()
    client.post(link)
    assert not Membership.objects.filter(user=world.mallory.user, organization=world.acme).exists()


def test_used_revoked_expired_and_invented_links_look_alike(world: World, client: Client) -> None:
    used, revoked, expired = invite(world, "a@acme.example"), invite(world, "b@acme.example"), invite(world)
    client.post(used, {"name": "Ann", "password": PASSWORD})
    client.post("/logout")
    team.revoke(Invitation.objects.get(email="b@acme.example"), actor=world.admin.user)
    with time_machine.travel(timezone.now() + timedelta(days=7, seconds=1)):
        answers = [client.get(link) for link in (used, revoked, expired, "/invitations/" + "x" * 43)]
    assert [answer.status_code for answer in answers] == [404] * 4
    assert all("This link no longer works" in answer.content.decode() for answer in answers)


def test_an_invitation_is_accepted_once(world: World) -> None:
    invite(world)
    invitation = Invitation.objects.get()
    team.join_as_new_person(invitation, name="Lea", password=PASSWORD)
    with pytest.raises(team.InvitationClosed):
        team.join(invitation, world.mallory.user)
    assert not Membership.objects.filter(user=world.mallory.user, organization=world.acme).exists()


def test_a_second_invitation_to_the_same_address_closes_the_first(world: World, client: Client) -> None:
    first, second = invite(world), invite(world)
    assert client.get(first).status_code == 404
    assert client.get(second).status_code == 200


def test_a_member_is_not_invited_again(world: World, signed_in: SignIn) -> None:
    form = {"email": "recruiter@acme.example", "role": "admin"}
    answer = signed_in(world.admin).post("/team/invitations", form)
    assert answer.status_code == 422
    assert "recruiter@acme.example is a member already." in answer.content.decode()


def test_an_admin_revokes_own_invitations_and_no_foreign_ones(world: World, signed_in: SignIn) -> None:
    link = invite(world)
    path = f"/team/invitations/{Invitation.objects.get().public_id}/revoke"
    assert signed_in(world.mallory).post(path).status_code == 404
    assert Client().get(link).status_code == 200
    signed_in(world.admin).post(path)
    assert Client().get(link).status_code == 404


def test_an_admin_changes_a_role_and_it_is_audited(world: World, signed_in: SignIn) -> None:
    signed_in(world.admin).post("/team/role", {"member": "recruiter@acme.example", "role": "interviewer"})
    world.recruiter.refresh_from_db()
    assert world.recruiter.role == Role.INTERVIEWER
    record = AuditRecord.objects.get(verb="member.role_changed")
    assert (record.actor, record.facts) == (
        world.admin.user,
        {"user": world.recruiter.user_id, "role": "interviewer"},
    )


def test_the_last_admin_neither_leaves_nor_steps_down(world: World, signed_in: SignIn) -> None:
    client = signed_in(world.admin)
    sentence = "Make somebody else an admin first: an organization is never without one."
    me = {"member": "admin@acme.example"}
    assert sentence in client.post("/team/role", {**me, "role": "recruiter"}, follow=True).content.decode()
    assert sentence in client.post("/team/remove", me, follow=True).content.decode()
    world.admin.refresh_from_db()
    assert world.admin.role == Role.ADMIN
    make_member(world.acme, Role.ADMIN, "Lea Vogt", "lea@acme.example")
    client.post("/team/remove", me)
    assert not Membership.objects.filter(pk=world.admin.pk).exists()


def test_removing_asks_first(world: World, signed_in: SignIn) -> None:
    client = signed_in(world.admin)
    asked = client.get("/team/remove?member=recruiter@acme.example").content.decode()
    assert "Remove Jonas Weber from Acme Robotics?" in asked
    client.post("/team/remove", {"member": "recruiter@acme.example"})
    assert not Membership.objects.filter(pk=world.recruiter.pk).exists()
    assert User.objects.filter(email="recruiter@acme.example").exists()


def test_mallory_touches_no_member_of_acme(world: World, signed_in: SignIn) -> None:
    client = signed_in(world.mallory)
    member = {"member": "recruiter@acme.example"}
    assert client.get("/team/remove", member).status_code == 404
    assert client.post("/team/remove", member).status_code == 404
    assert client.post("/team/role", {**member, "role": "admin"}).status_code == 404


def test_an_invented_role_does_not_exist(world: World, signed_in: SignIn) -> None:
    form = {"member": "recruiter@acme.example", "role": "emperor"}
    assert signed_in(world.admin).post("/team/role", form).status_code == 404
