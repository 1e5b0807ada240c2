"""A prepared query finds what its queryset finds, with whatever values, in every thread."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.db.models import Exists, OuterRef, QuerySet
from django.test.utils import CaptureQueriesContext

from core.models import Application, Candidate, Membership
from core.prepared import Prepared
from tests.world import World, make_application, make_candidate

pytestmark = pytest.mark.django_db


def by_email(email: str) -> QuerySet[Candidate]:
    return Candidate.objects.select_related("organization").filter(email=email).order_by("pk")


def test_rows_are_instances_with_what_belongs_to_them(world: World) -> None:
    asked: Prepared[Candidate] = Prepared(by_email)
    for email in (world.ada.email, "nobody@acme.example", world.ada.email):
        expected = list(by_email(email))
        found = asked.all(email)
        assert found == expected
        assert [row.__dict__.keys() for row in found] == [row.__dict__.keys() for row in expected]
    with CaptureQueriesContext(
        connection,
    ) as queries:
        ada = asked.first(world.ada.email)
        assert ada is not None
        assert (ada.created_at, ada.organization.name) == (world.ada.created_at, world.acme.name)
    assert len(queries) == 1
    assert asked.first("nobody@acme.example") is None


def test_rows_that_refer_to_one_row_share_its_instance(world: World) -> None:
    make_application(make_candidate(world.acme, "Noor", "Rahman"), world.stages[0])
    at_one_job: Prepared[Application] = Prepared(
        lambda job: Application.objects.filter(job=job).select_related("job__organization", "stage")
    )
    rows = at_one_job.all(world.application.job_id)
    assert len(rows) > 1
    assert len({id(row.job) for row in rows}) == len({id(row.job.organization) for row in rows}) == 1
    assert {id(row.job) for row in at_one_job.all(world.application.job_id)} != {id(row.job) for row in rows}


def test_what_is_annotated_comes_along(world: World) -> None:
    asked: Prepared[Candidate] = Prepared(
        lambda pk: (
            Candidate.objects.filter(pk=pk)
            .select_related("organization")
            .annotate(is_applying=Exists(Application.objects.filter(candidate=OuterRef("pk"))))
        )
    )
    ada = asked.first(world.ada.pk)
    assert ada is not None
    assert (ada.is_applying, ada.organization) == (True, world.acme)  # type: ignore[attr-defined]  # annotated


def test_what_came_is_saved_like_any_other(world: World) -> None:
    ada = Prepared[Candidate](by_email).first(world.ada.email)
    assert ada is not None
    ada.first_name = "Augusta"
    ada.save()
    world.ada.refresh_from_db()
    assert world.ada.first_name == "Augusta"


CASES: list[tuple[Callable[..., QuerySet[Any, Any]], Callable[[World], tuple[Any, ...]]]] = [
    (lambda pks: Candidate.objects.filter(pk__in=pks).order_by("pk"), lambda w: ([w.ada.pk, -1],)),
    (lambda pks: Candidate.objects.filter(pk__in=pks).values_list("email", "created_at"), lambda w: ([w.ada.pk],)),
    (lambda pk: Application.objects.select_related("job", "candidate").filter(pk=pk), lambda w: (w.application.pk,)),
    # The same value twice, beside a constant, in a subquery.
    (
        lambda pk, role: Membership.objects.filter(
            organization__in=Membership.objects.filter(user=pk).values("organization"), user=pk, role=role
        ),
        lambda w: (w.admin.user.pk, "admin"),
    ),
    (
        lambda pk: (
            Candidate.objects.filter(organization=pk)
            .order_by()
            .values_list("pk", "email")
            .union(Membership.objects.filter(organization=pk).order_by().values_list("pk", "role"), all=True)
        ),
        lambda w: (w.acme.pk,),
    ),
    (lambda pk: Candidate.objects.filter(pk=pk).only("email"), lambda w: (w.ada.pk,)),
]


@pytest.mark.parametrize(("build", "values"), CASES)
def test_it_finds_what_its_queryset_finds(
    world: World, build: Callable[..., QuerySet[Any, Any]], values: Callable[[World], tuple[Any, ...]]
) -> None:
    asked: Prepared[Any] = Prepared(build)
    expected = list(build(*values(world)))
    assert expected
    for _ in range(2):
        assert asked.all(*values(world)) == expected


def test_lists_of_any_length_are_asked(world: World) -> None:
    asked: Prepared[Candidate] = Prepared(lambda pks: Candidate.objects.filter(pk__in=pks))
    for more in ([], [-1], [-1, -2]):
        assert asked.all([world.ada.pk, *more]) == [world.ada]
    assert asked.all([]) == []
