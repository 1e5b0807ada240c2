"""What the API reference says of erasures."""

from __future__ import annotations

from assessments.api.bodies import AcknowledgeBody, SandboxErasureBody
from assessments.api.described_orders import TOLD_BEFORE
from assessments.api.erasures import AcknowledgeView, ErasuresView, ErasureView, SandboxErasuresView
from assessments.errors import UnderLegalHold
from core.openapi.operations import PAGED, Answer, Body, Operation, Operations, Parameter
from core.openapi.schemas import choice, ref, text
from partners.errors import SandboxOnly

TAGS = {"Erasures": "Candidates who were erased: erase them too, and say so."}
PARAMETERS = {"erasure_id": Parameter(name="erasure_id", schema=text(), description="The erasure’s id.")}

OPERATIONS: Operations = {
    SandboxErasuresView: {
        "post": Operation(
            id="sandbox_erasures_place",
            tag="Erasures",
            summary="Erases the candidate of one of your sandbox orders, as your sandbox organization would.",
            description="A new candidate with the same name takes their place.",
            body=Body(shape=SandboxErasureBody, example={"order": "{order_id}"}),
            answers={
                200: Answer(sentence="They were erased before.", schema=ref("Erasure")),
                201: Answer(sentence="It is done, and you are told.", schema=ref("Erasure")),
            },
            errors=(SandboxOnly, UnderLegalHold),
            after=["sandbox_orders_place"],
            ends=["sandbox_orders_place"],
            gives={"erasure_id": "/id"},
        )
    },
    ErasuresView: {
        "get": Operation(
            id="erasures_list",
            tag="Erasures",
            summary="Lists the erasures that concern you, newest first.",
            query=(
                Parameter(
                    name="acknowledged",
                    schema=choice(["true", "false"]),
                    description="`false`: only those that you have not acknowledged.",
                ),
                *PAGED,
            ),
            answers={200: Answer(sentence="One page.", schema=ref("ErasurePage"))},
        )
    },
    ErasureView: {
        "get": Operation(
            id="erasures_get",
            tag="Erasures",
            summary="Reads one erasure.",
            answers={200: Answer(sentence="The erasure.", schema=ref("Erasure"))},
            after=["sandbox_erasures_place"],
        )
    },
    AcknowledgeView: {
        "post": Operation(
            id="erasures_acknowledge",
            tag="Erasures",
            summary="Says that you erased what you hold of the candidate.",
            description="The first word counts. It stands on the organization’s receipt.",
            body=Body(shape=AcknowledgeBody, example={"message": "Erased, backups included."}),
            answers={
                200: Answer(sentence=TOLD_BEFORE, schema=ref("Erasure")),
                201: Answer(sentence="It is acknowledged.", schema=ref("Erasure")),
            },
            after=["sandbox_erasures_place"],
        )
    },
}
