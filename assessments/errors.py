"""What can go wrong on floor 3, as values: each docstring is a cause and its cure. Nothing here knows HTTP."""

from __future__ import annotations

from core.errors import Conflict, Denied, Gone, Invalid


class InstallationNotActive(Conflict):
    """The partner is paused or removed in this organization: no order goes out to it.

    An admin of the organization resumes it, or installs it again.
    """

    code = "installation_not_active"


class AssessmentTypeRetired(Conflict):
    """This assessment type is retired: it can no longer be ordered.

    Put it again to offer it again. Orders placed before live on.
    """

    code = "assessment_type_retired"


class ApplicationNotActive(Conflict):
    """The candidate's application is closed: hired, rejected or withdrawn.

    Order for an active application.
    """

    code = "application_not_active"


class IllegalTransition(Conflict):
    """This contradicts what happened to the order before; its status did not change.

    What a partner told is kept all the same, under the id in `update`. Read the order for its `status`; the guide on
    orders has the whole table. A correction is `amended`, and comes after a final result.
    """

    code = "illegal_transition"


class SchemaRetired(Conflict):
    """This version of the result schema was superseded by a newer one: it cannot be published again.

    Draft the schema again: it gets a new version.
    """

    code = "schema_retired"


class BackfillDecided(Conflict):
    """Somebody has decided already what becomes of this result.

    Nothing needs to be done.
    """

    code = "backfill_decided"


class OrderPurged(Gone):
    """What this order held was deleted, and nothing is taken for it any more.

    Its candidate was erased, or the time for which a result may be kept is over. Delete what you hold of it, and do not
    send it again.
    """

    code = "order_purged"


class UnderLegalHold(Conflict):
    """A legal hold stands on this candidate: nothing of them may be deleted.

    An admin of the organization lifts it first.
    """

    code = "under_legal_hold"


class CheckInSandboxOnly(Denied):
    """A check of a partner's protocol orders assessments, so it runs only where all candidates are fictional.

    Connect the partner in a sandbox organization, and check it there.
    """

    code = "check_in_sandbox_only"


class UnsupportedAttachment(Invalid):
    """The file is no report that is taken here.

    Send one PDF or PNG file of at most 10 MiB, in the part `file` of a multipart body; its content counts, not its
    name.
    """

    code = "unsupported_attachment"
