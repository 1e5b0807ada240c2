"""What can go wrong on floor 3, as values: each docstring is a cause and its cure. Nothing here knows HTTP."""

from __future__ import annotations

from core.errors import Conflict, Denied, Gone, Invalid
from core.places import declare


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


class OrderedBefore(Conflict):
    """The candidate has an equal order: it is under way, its result is still valid, or its cool-down is not over.

    `orders` names the newest of them, at most three, with what makes another one doubtful. To order all the same, send
    the id of the first as `again`. It covers the orders that were named, not one that is placed meanwhile.
    """

    code = "ordered_before"


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


declare(
    {
        "not_a_string": ("A text is expected.", "Send a JSON string."),
        "not_an_integer": ("A whole number is expected.", "Send a JSON number without a fraction."),
        "in_the_future": ("The moment is yet to come.", "Set your clock: it may be five minutes ahead of ours."),
        "too_early": ("The moment is before the year 2000.", "Send the real one."),
        "too_late": ("The moment is more than ten years ahead.", "Send an earlier one."),
        "in_the_past": ("The deadline is over already.", "Send a later one."),
        "not_later": ("A deadline is only put off.", "Send a later moment than it is; where there is none, send none."),
        "not_https": ("It is no https URL, or holds credentials.", "Send an absolute `https://` URL without any."),
        "not_an_address": ("It is no e-mail address.", "Send one."),
        "not_a_duration": ("It is no duration.", "Send ISO 8601 in years, months and days, or weeks: `P18M`, `P90D`."),
        "duplicate": ("The same stands twice.", "Send each once."),
        "taken": ("Somebody else has it already.", "The sentence says who: use theirs, or send another."),
        "not_the_path": ("It is not what the path says.", "Send the same as in the path, or leave it out."),
        "one_file_expected": ("There is not exactly one file.", "Send one, in the part `file`."),
        "ambiguous": ("Your reference names several orders.", "Name the order by our id."),
        "void_link": (
            "The link went to an address that the candidate no longer has.",
            "Send a new one.",
        ),
        "no_schema": ("The type has no published result schema.", "Publish one first."),
        "unreadable": ("Nobody can read it in the partner’s protocol.", "Send it as that protocol says."),
    }
)
