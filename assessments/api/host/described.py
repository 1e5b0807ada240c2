"""What the API reference says of the calls of an organization's own programs, orders and results apart."""

from __future__ import annotations

from assessments.api.host.applications import ApplicationsView, ApplicationView, MoveView, RejectView
from assessments.api.host.bodies import (
    ApplicationBody,
    CandidateBody,
    CandidatePatchBody,
    ConnectBody,
    ConnectionPatchBody,
    JobBody,
    MoveBody,
)
from assessments.api.host.candidates import CandidatesView, CandidateView
from assessments.api.host.catalogue import OfferedSchemaView, OffersView
from assessments.api.host.connections import (
    ConnectionsView,
    ConnectionTestView,
    ConnectionView,
    NewKeyView,
    RefreshView,
)
from assessments.api.host.jobs import CloseView, JobsView, JobView
from core.models import Application, Job
from core.openapi.operations import PAGED, UNCHANGED, Answer, Body, Operation, Operations, Parameter
from core.openapi.schemas import choice, moment, ref, text
from partners.errors import InstallationRemoved, UnknownPurpose

TAGS = {
    "Hiring": "The host product’s side: candidates, jobs, and who applied for what.",
    "Connections": "Partners that an organization connects by the protocol they speak.",
}
PARAMETERS = {
    "candidate_id": Parameter(name="candidate_id", schema=text(), description="The candidate’s id."),
    "job_id": Parameter(name="job_id", schema=text(), description="The job’s id."),
    "application_id": Parameter(name="application_id", schema=text(), description="The application’s id."),
    "connection_id": Parameter(name="connection_id", schema=text(), description="The connection’s id."),
    "type_id": Parameter(name="type_id", schema=text(), description="The id of a type of the catalogue."),
}

# What comes before the examples of an organization's side.
_CLIENT = "sandbox_organization_client"
_SINCE = Parameter(name="since", schema=moment(), description="Only those of then or later.")
_CANDIDATE = {
    "first_name": "Lina",
    "last_name": "Okonjo",
    "email": "lina.okonjo@candidates.example",
    "time_zone": "Europe/Lisbon",
}

_LINGUA = {
    "protocol": "ashby",
    "name": "Lingua Metrics",
    "urls": {
        "catalogue": "https://lingua.example/assessment.list",
        "order": "https://lingua.example/assessment.start",
    },
    "credential": "the-partners-key",
}

OPERATIONS: Operations = {
    CandidatesView: {
        "get": Operation(
            id="candidates_list",
            tag="Hiring",
            summary="Lists your candidates, newest first.",
            query=(
                Parameter(
                    name="q", schema=text(), description="Only those with each of these words in name or address."
                ),
                Parameter(name="email", schema=text(), description="Only the one with this address."),
                Parameter(name="job", schema=text(), description="Only those who applied for this job."),
                _SINCE,
                *PAGED,
            ),
            answers={200: Answer(sentence="One page.", schema=ref("HiringCandidatePage"))},
            after=[_CLIENT],
        ),
        "post": Operation(
            id="candidates_add",
            tag="Hiring",
            summary="Adds a candidate, or finds the one who has the address already.",
            body=Body(shape=CandidateBody, example=_CANDIDATE),
            answers={
                200: Answer(
                    sentence="There is one with this address, and stays as it is.", schema=ref("HiringCandidateWritten")
                ),
                201: Answer(sentence="It is new.", schema=ref("HiringCandidateWritten")),
            },
            after=[_CLIENT],
            gives={"candidate_id": "/id"},
        ),
    },
    CandidateView: {
        "get": Operation(
            id="candidates_get",
            tag="Hiring",
            summary="Reads one candidate.",
            answers={200: Answer(sentence="The candidate.", schema=ref("HiringCandidate"))},
            after=["candidates_add"],
        ),
        "patch": Operation(
            id="candidates_change",
            tag="Hiring",
            summary="Changes what is sent of a candidate’s name and contact.",
            description="With a new address, links that went to the old one are void, and the partners of assessments"
            " under way are told.",
            body=Body(shape=CandidatePatchBody, example={"location": "Lisbon, Portugal"}),
            answers={200: Answer(sentence="The candidate.", schema=ref("HiringCandidateWritten"))},
            after=["candidates_add"],
        ),
    },
    JobsView: {
        "get": Operation(
            id="jobs_list",
            tag="Hiring",
            summary="Lists your jobs, newest first.",
            query=(
                Parameter(name="status", schema=choice(Job.Status.values), description="Only those that stand so."),
                _SINCE,
                *PAGED,
            ),
            answers={200: Answer(sentence="One page.", schema=ref("JobPage"))},
            after=[_CLIENT],
        ),
        "post": Operation(
            id="jobs_open",
            tag="Hiring",
            summary="Opens a job with its hiring plan.",
            body=Body(shape=JobBody, example={"title": "Data engineer", "location": "Remote"}),
            answers={201: Answer(sentence="The job.", schema=ref("Job"))},
            after=[_CLIENT],
            gives={"job_id": "/id", "stage_id": "/stages/0/id"},
        ),
    },
    JobView: {
        "get": Operation(
            id="jobs_get",
            tag="Hiring",
            summary="Reads one job with its stages.",
            answers={200: Answer(sentence="The job.", schema=ref("Job"))},
            after=["jobs_open"],
        )
    },
    CloseView: {
        "post": Operation(
            id="jobs_close",
            tag="Hiring",
            summary="Closes a job.",
            answers={200: Answer(sentence="It is closed.", schema=ref("Job"))},
            after=["jobs_open"],
            ends=["jobs_open"],
        )
    },
    ApplicationsView: {
        "get": Operation(
            id="applications_list",
            tag="Hiring",
            summary="Lists who applied for what, in the order in which they came.",
            query=(
                Parameter(name="candidate", schema=text(), description="Only those of this candidate."),
                Parameter(name="job", schema=text(), description="Only those for this job."),
                Parameter(
                    name="status", schema=choice(Application.Status.values), description="Only those that stand so."
                ),
                _SINCE,
                *PAGED,
            ),
            answers={200: Answer(sentence="One page.", schema=ref("ApplicationPage"))},
            after=[_CLIENT],
        ),
        "post": Operation(
            id="applications_add",
            tag="Hiring",
            summary="Puts a candidate forward for an open job, at its first stage.",
            body=Body(shape=ApplicationBody, example={"candidate": "{candidate_id}", "job": "{job_id}"}),
            answers={
                200: Answer(sentence="They had applied already; nothing changes.", schema=ref("Application")),
                201: Answer(sentence="It is new.", schema=ref("Application")),
            },
            after=["candidates_add", "jobs_open"],
            gives={"application_id": "/id"},
        ),
    },
    ApplicationView: {
        "get": Operation(
            id="applications_get",
            tag="Hiring",
            summary="Reads one application.",
            answers={200: Answer(sentence="The application.", schema=ref("Application"))},
            after=["applications_add"],
        )
    },
    MoveView: {
        "post": Operation(
            id="applications_move",
            tag="Hiring",
            summary="Moves an application to another stage of its job.",
            body=Body(shape=MoveBody, example={"stage": "{stage_id}"}),
            answers={200: Answer(sentence="The application.", schema=ref("Application"))},
            after=["applications_add"],
        )
    },
    RejectView: {
        "post": Operation(
            id="applications_reject",
            tag="Hiring",
            summary="Rejects an application.",
            answers={200: Answer(sentence="The application.", schema=ref("Application"))},
            after=["applications_add"],
            ends=["candidates_add", "applications_add"],
        )
    },
    OffersView: {
        "get": Operation(
            id="catalogue_list",
            tag="Catalogue",
            summary="Lists what an organization can order now, and of whom.",
            query=(
                Parameter(name="installation", schema=text(), description="Only what this installation offers."),
                *PAGED,
            ),
            answers={200: Answer(sentence="One page.", schema=ref("OfferPage")), **UNCHANGED},
            after=["result_schemas_publish", _CLIENT],
        )
    },
    OfferedSchemaView: {
        "get": Operation(
            id="catalogue_schema",
            tag="Catalogue",
            summary="Reads a published version of what the results of a type look like, as an organization.",
            answers={200: Answer(sentence="The version.", schema=ref("ResultSchema")), **UNCHANGED},
            after=["result_schemas_publish", _CLIENT],
        )
    },
    ConnectionsView: {
        "get": Operation(
            id="connections_list",
            tag="Connections",
            summary="Lists the partners that are connected by their protocol.",
            query=PAGED,
            answers={200: Answer(sentence="One page.", schema=ref("ConnectionPage"))},
            after=[_CLIENT],
        ),
        "post": Operation(
            id="connections_connect",
            tag="Connections",
            summary="Connects a partner by the protocol it speaks.",
            description="Only your organization sees it. Its catalogue is read at once.",
            body=Body(shape=ConnectBody, example=_LINGUA),
            answers={201: Answer(sentence="It is connected.", schema=ref("KeyedConnection"))},
            errors=(UnknownPurpose,),
            after=[_CLIENT],
            gives={"connection_id": "/id"},
        ),
    },
    ConnectionView: {
        "get": Operation(
            id="connections_get",
            tag="Connections",
            summary="Reads one connection.",
            answers={200: Answer(sentence="The connection.", schema=ref("Connection"))},
            after=["connections_connect"],
        ),
        "patch": Operation(
            id="connections_change",
            tag="Connections",
            summary="Changes addresses or the credential of a connection.",
            body=Body(
                shape=ConnectionPatchBody, example={"urls": {"cancel": "https://lingua.example/assessment.cancel"}}
            ),
            answers={200: Answer(sentence="The connection.", schema=ref("Connection"))},
            errors=(InstallationRemoved, UnknownPurpose),
            after=["connections_connect"],
        ),
    },
    ConnectionTestView: {
        "get": Operation(
            id="connections_test",
            tag="Connections",
            summary="Asks the partner for its catalogue now, and tells what came back.",
            answers={200: Answer(sentence="What came back.", schema=ref("ConnectionTrial"))},
            after=["connections_connect"],
        )
    },
    RefreshView: {
        "post": Operation(
            id="connections_refresh",
            tag="Connections",
            summary="Has the catalogue of a connected partner read soon.",
            answers={202: Answer(sentence="It will be read.", schema=ref("Connection"))},
            after=["connections_connect"],
        )
    },
    NewKeyView: {
        "post": Operation(
            id="connections_new_key",
            tag="Connections",
            summary="Issues another key for the partner’s own calls; the one before ends.",
            answers={200: Answer(sentence="The connection with its key.", schema=ref("KeyedConnection"))},
            errors=(InstallationRemoved,),
            after=["connections_connect"],
        )
    },
}
