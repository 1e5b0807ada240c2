"""Reports that a Partner sends along with an order, as multipart form data."""

from __future__ import annotations

from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from assessments.api.orders import writable
from assessments.api.shapes import attachment_json
from assessments.services import attachments
from core.api.parsing import take_body
from core.api.request_log import current_request_id
from core.api.views import ApiView
from core.errors import ValidationFailed
from core.idempotency import idempotent

WRITE = "results:write"
# Room for what multipart writes around the largest file.
ENVELOPE = 16 * 1024


class AttachmentsView(ApiView):
    """POST, one file in the part ``file``: 201; 200 where the same content is there already."""

    required_scopes = {"POST": (WRITE,)}
    parser_classes = (MultiPartParser,)
    body_limit = attachments.LARGEST + ENVELOPE

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Takes the whole body first: a file that was cut short on its way would look like a whole one."""
        super().initial(request, *args, **kwargs)
        take_body(request._request, limit=self.body_limit)

    @idempotent
    def post(self, request: Request, order_id: str) -> HttpResponse:
        order = writable(request, order_id, WRITE)
        file = _only_file(request)
        row, is_new = attachments.store(
            order, name=file.name or "", content=file.read(), request_id=current_request_id()
        )
        return Response(attachment_json(row), status=201 if is_new else 200)


def _only_file(request: Request) -> UploadedFile[bytes]:
    _ = request.data
    files: list[UploadedFile[bytes]] = [file for _name, listed in request.FILES.lists() for file in listed]
    if len(files) == 1 and "file" in request.FILES:
        return files[0]
    message = "Send exactly one file, in the part named file."
    raise ValidationFailed(
        problems=[{"pointer": "/file", "code": "one_file_expected", "message": message, "schema_pointer": ""}]
    )
