"""The team: inviting by link, joining, roles, leaving."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth import authenticate
from django.contrib.auth.models import Permission
from django.test import Client
from django.utils import timezone

from core.ids import token_hash
from core.models import AuditRecord, Invitation, Membership, Organization, Role, User
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


def test_the_page_behind_a_link_tells_nobody_whether_there_is_an_account(world: World, client: Client) -> None:
    known, unknown = invite(world, "mallory@globex.example"), invite(world, "lea@globex.example")
    pages = [client.get(link).content.decode().replace(link, "") for link in (known, unknown)]
    hidden = re.compile(r'value="[^"]*"|nonce="[^"]*"|mallory|lea')
    assert hidden.sub("", pages[0]) == hidden.sub("", pages[1])
    assert 'name="password"' in pages[0]
    assert "Sign in to join" in pages[0]


def test_somebody_with_an_account_signs_in_to_join(world: World, client: Client, signed_in: SignIn) -> None:
    link = invite(world, "mallory@globex.example")
    assert f"/login?next={link}" in client.get(link).content.decode()
    refused = client.post(link, {"name": "x", "password": PASSWORD})
    assert refused.status_code == 422
    assert "If you have one already, sign in to join" in refused.content.decode()
    hers = signed_in(world.mallory)
    assert hers.post(link).status_code == 302
    assert "Ada Okafor" in hers.get("/candidates").content.decode()


def test_a_sandbox_takes_no_address_from_whoever_is_invited_for_real(world: World) -> None:
    """Anybody has a sandbox, and opens the links of its invitations oneself."""
    sandbox = Organization.objects.create(name="Mallory sandbox", is_sandbox=True)
    host = make_member(sandbox, Role.ADMIN, "Mallory", "mallory@sandbox.invalid")
    _, token = team.invite(sandbox, email="cto@acme.example", role=Role.ADMIN, actor=host.user)
    form = {"name": "Not Her", "sign_in_name": "not-her", "password": PASSWORD}
    squatter = Client()
    assert squatter.post(f"/invitations/{token}", form).status_code == 302
    assert not User.objects.filter(email="cto@acme.example").exists()
    assert authenticate(username="not-her", password=PASSWORD) == sandbox.memberships.exclude(pk=host.pk).get().user
    link = invite(world, "cto@acme.example", Role.ADMIN)
    assert Client().post(link, {"name": "Ines Costa", "password": PASSWORD}).status_code == 302
    assert authenticate(username="cto@acme.example", password=PASSWORD).memberships.get().organization == world.acme  # type: ignore[union-attr]


def test_a_link_of_a_sandbox_is_for_whoever_has_it(world: World, signed_in: SignIn) -> None:
    sandbox = Organization.objects.create(name="Parley sandbox", is_sandbox=True)
    host = make_member(sandbox, Role.ADMIN, "Host", "host@sandbox.invalid")
    _, token = team.invite(sandbox, email="somebody@parley.example", role=Role.RECRUITER, actor=host.user)
    assert signed_in(world.mallory).post(f"/invitations/{token}").status_code == 302
    assert sandbox.memberships.filter(user=world.mallory.user).exists()


def test_a_name_taken_in_a_sandbox_does_not_use_up_the_link(world: World) -> None:
    sandbox = Organization.objects.create(name="Parley sandbox", is_sandbox=True)
    host = make_member(sandbox, Role.ADMIN, "Host", "host@sandbox.invalid")
    _, token = team.invite(sandbox, email="kim@parley.example", role=Role.RECRUITER, actor=host.user)
    form = {"name": "Kim", "sign_in_name": "host", "password": PASSWORD}
    refused = Client().post(f"/invitations/{token}", form)
    assert refused.status_code == 422
    assert "Somebody signs in by this name already." in refused.content.decode()
    assert Client().post(f"/invitations/{token}", {**form, "sign_in_name": "kim"}).status_code == 302


def test_support_frees_an_address_and_that_is_audited(world: World) -> None:
    support = User.objects.create_superuser("support@assay.example", PASSWORD)
    desk, hers = Client(), Client()
    desk.force_login(support)
    hers.force_login(world.mallory.user)
    act = {"action": "free_address", "_selected_action": [str(world.mallory.user.pk)]}
    page = desk.post("/admin/core/user/", act, follow=True).content.decode()
    assert "Freed: mallory@globex.example" in page
    record = AuditRecord.objects.get(verb="account.address_freed")
    assert (record.actor, record.subject) == (support, f"user {world.mallory.user.pk}")
    assert hers.get("/candidates").headers["Location"].startswith("/login")
    link = invite(world, "mallory@globex.example")
    assert Client().post(link, {"name": "Her", "password": PASSWORD}).status_code == 302
    again = desk.post("/admin/core/user/", act, follow=True).content.decode()
    assert "No address of a person: freed_" in again


def test_staff_who_are_no_superusers_free_no_address(world: World) -> None:
    staff = User.objects.create_user("staff@assay.example", PASSWORD, is_staff=True)
    staff.user_permissions.set(Permission.objects.filter(content_type__model="user"))
    desk = Client()
    desk.force_login(staff)
    desk.post("/admin/core/user/", {"action": "free_address", "_selected_action": [str(world.mallory.user.pk)]})
    assert User.objects.filter(email="mallory@globex.example").exists()


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


@pytest.mark.parametrize("way", ["remove", "role"])
def test_whoever_is_no_admin_any_more_leaves_no_way_back(world: World, signed_in: SignIn, way: str) -> None:
    other = make_member(world.acme, Role.ADMIN, "Lea Vogt", "lea@acme.example")
    _, token = team.invite(world.acme, email="back@door.example", role=Role.ADMIN, actor=other.user)
    kept = invite(world, "kept@acme.example")
    signed_in(world.admin).post(f"/team/{way}", {"member": "lea@acme.example", "role": "recruiter"})
    assert Client().get(f"/invitations/{token}").status_code == 404
    assert Client().get(kept).status_code == 200
    record = AuditRecord.objects.get(verb="invitation.revoked")
    assert (record.actor, record.subject) == (
        world.admin.user,
        Invitation.objects.get(email="back@door.example").public_id,
    )


@pytest.mark.parametrize("loss", ["membership", "role", "account"])
def test_an_invitation_is_refused_at_use_where_its_inviter_is_no_admin(world: World, loss: str) -> None:
    other = make_member(world.acme, Role.ADMIN, "Lea Vogt", "lea@acme.example")
    invitation, token = team.invite(world.acme, email="back@door.example", role=Role.ADMIN, actor=other.user)
    rows = Membership.objects.filter(pk=other.pk)
    if loss == "membership":
        rows.delete()
    elif loss == "role":
        rows.update(role=Role.RECRUITER)
    else:
        User.objects.filter(pk=other.user_id).update(is_active=False)
    assert Client().get(f"/invitations/{token}").status_code == 404
    with pytest.raises(team.InvitationClosed):
        team.join_as_new_person(invitation, name="Back", password=PASSWORD)
    assert not User.objects.filter(email="back@door.example").exists()


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
