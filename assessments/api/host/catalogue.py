"""What an organization can order, as its own programs read it: types of the partners at work, with their schemas."""

from __future__ import annotations

from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.shortcuts import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from assessments.api.host.shapes import offer_json
from assessments.api.shapes import schema_json
from assessments.models import ResultSchema
from assessments.selectors import orderable_types, orders_visible_to
from core.api import conditional
from core.api.pagination import paginate
from core.api.views import ApiView
from partners.models import Installation
from partners.oauth.permissions import program
from partners.selectors import installations_visible_to

READ = ("catalogue:read",)
_State = ResultSchema.State


class OffersView(ApiView):
    """What can be ordered now; ``?installation=`` narrows it. It has an ETag."""

    organization_scopes = {"GET": READ}

    def get(self, request: Request) -> Response:
        at_work = _at_work(request)
        if installation := request.query_params.get("installation"):
            at_work = at_work.filter(public_id=installation)
        by_partner = {row.partner_id: row for row in at_work}
        published = ResultSchema.objects.filter(assessment_type=OuterRef("pk"), state=_State.PUBLISHED)
        newest = Subquery(published.order_by("-version").values("version")[:1])
        rows = orderable_types(program(request)).filter(partner__in=by_partner).annotate(current_version=newest)
        page = paginate(
            rows,
            request,
            serialize=lambda row: offer_json(by_partner[row.partner_id], row, row.current_version),  # type: ignore[attr-defined]  # annotated above
            order=("id",),
        )
        return conditional.answer_page(request, page, version=self.version(request))


class OfferedSchemaView(ApiView):
    """One published version of what the results of a type look like, of those that can come or have come."""

    organization_scopes = {"GET": READ}

    def get(self, request: Request, type_id: str, version: int) -> Response:
        client = program(request)
        can_come = Q(assessment_type__in=orderable_types(client).values("pk"))
        has_come = Q(assessment_type__in=orders_visible_to(client).values("assessment_type"))
        rows = ResultSchema.objects.exclude(state=_State.DRAFT).filter(can_come | has_come)
        row = rows.select_related("assessment_type").filter(assessment_type__public_id=type_id, version=version)
        return conditional.answer(request, schema_json(get_object_or_404(row)), version=self.version(request))


def _at_work(request: Request) -> QuerySet[Installation]:
    return installations_visible_to(program(request)).filter(status=Installation.Status.ACTIVE)
