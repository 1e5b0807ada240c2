"""Reports that a Partner sends along with an order, as multipart form data, and the organization's programs fetch."""

from __future__ import annotations

from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import FileResponse, HttpResponse
from django.shortcuts import get_object_or_404
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from assessments.api.orders import AnyForm, readable, writable
from assessments.api.shapes import attachment_json
from assessments.selectors import attachments_visible_to
from assessments.services import attachments
from core.api.pagination import paginate
from core.api.parsing import take_body
from core.api.request_log import current_request_id
from core.api.views import ApiView
from core.errors import ValidationFailed
from core.idempotency import idempotent
from core.places import place
from partners.oauth.permissions import program

WRITE = "results:write"
RESULTS = ("results:read",)
# Room for what multipart writes around the largest file.
ENVELOPE = 16 * 1024


class AttachmentsView(ApiView):
    """POST, one file in the part ``file``: 201; 200 where the same content is there already. GET, for organizations:
    what there is.
    """

    required_scopes = {"POST": (WRITE,)}
    organization_scopes = {"GET": RESULTS}
    parser_classes = (MultiPartParser,)
    body_limit = attachments.LARGEST + ENVELOPE

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Takes the whole body first: a file that was cut short on its way would look like a whole one."""
        super().initial(request, *args, **kwargs)
        take_body(request._request, limit=self.body_limit)

    def get(self, request: Request, order_id: str) -> Response:
        rows = attachments_visible_to(program(request)).filter(order=readable(request, order_id))
        return Response(paginate(rows.select_related("order"), request, serialize=attachment_json, order=("id",)))

    @idempotent
    def post(self, request: Request, order_id: str) -> HttpResponse:
        order = writable(request, order_id, WRITE)
        file = _only_file(request)
        row, is_new = attachments.store(
            order, name=file.name or "", content=file.read(), request_id=current_request_id()
        )
        return Response(attachment_json(row), status=201 if is_new else 200)


class AttachmentView(ApiView):
    """GET: the file, as a download."""

    organization_scopes = {"GET": RESULTS}
    content_negotiation_class = AnyForm

    def get(self, request: Request, attachment_id: str) -> FileResponse:
        row = get_object_or_404(attachments_visible_to(program(request)), public_id=attachment_id)
        response = FileResponse(attachments.open_for(row), as_attachment=True, filename=row.name)
        response["Content-Type"] = row.content_type
        response["X-Content-Type-Options"] = "nosniff"
        return response


def _only_file(request: Request) -> UploadedFile[bytes]:
    _ = request.data
    files: list[UploadedFile[bytes]] = [file for _name, listed in request.FILES.lists() for file in listed]
    if len(files) == 1 and "file" in request.FILES:
        return files[0]
    message = "Send exactly one file, in the part named file."
    raise ValidationFailed(problems=[place("/file", "one_file_expected", message)])
