"""What has happened before: a script for each order, in the words that its Partner would use. Literal, no rows."""

from __future__ import annotations

from typing import Any

Step = tuple[str, dict[str, Any]]

CODING: dict[str, Any] = {
    "overall": 82.5,
    "percentile": 91,
    "verdict": "strong_yes",
    "language": "Python",
    "time_taken": "PT1H14M",
    "similarity_flag": False,
    "replay": "https://replay.codeforge.example/demo-1",
    "skills": {"Algorithms": 88, "SQL": 74, "Testing": 91, "System design": 63, "Readability": 85},
    "tasks": [
        {"task": "Rate limiter", "points": 9, "attempts": 1, "all_tests_passed": True},
        {"task": "Query tuning", "points": 6.5, "attempts": 3, "all_tests_passed": False},
        {"task": "Flaky test", "points": 10, "attempts": 1, "all_tests_passed": True},
    ],
    "session": [
        {"at": "2026-11-14T09:00:00Z", "event": "Opened the editor"},
        {"at": "2026-11-14T09:04:00Z", "event": "First run"},
        {"at": "2026-11-14T10:14:00Z", "event": "Handed in", "detail": "Two minutes before the end."},
    ],
    "summary": "Works **from the tests inwards**. Names are clear; the retry loop could be simpler.",
}
CODING_LOW = CODING | {
    "overall": 41.0,
    "percentile": 22,
    "verdict": "no",
    "similarity_flag": True,
    "skills": {"Algorithms": 35, "SQL": 52, "Testing": 28, "System design": 44, "Readability": 46},
}
ENGLISH: dict[str, Any] = {
    "overall": 125,
    "cefr": "C1",
    "skills": {"reading": 130, "listening": 120, "writing": 115, "speaking": 135},
    "certificate": {
        "number": "LM-0042017",
        "issued_on": "2026-11-10",
        "valid_until": "2028-11-09",
        "verify": "https://verify.lingua.example/LM-0042017",
    },
    "proctoring": {"identity_verified": True, "flags": ["Looked away for 20 s"]},
    "taken_at": "2026-11-10T13:30:00+01:00",
    "time_taken": "PT56M",
}
CHECK: dict[str, Any] = {
    "overall": "consider",
    "completed_on": "2026-11-12",
    "screenings": [
        {"screening": "Identity", "county": "All", "status": "clear", "finished_on": "2026-11-10"},
        {"screening": "County criminal records", "county": "Riverbend County", "status": "consider"},
        {"screening": "Education", "county": "All", "status": "clear", "finished_on": "2026-11-12"},
    ],
    "records": [
        {
            "case_number": "TR-20417",
            "court": "Riverbend County Traffic Court",
            "filed_on": "2023-05-02",
            "fine": {"amount": 120, "currency": "USD"},
            "charges": [{"charge": "Speeding, 18 over", "disposition": "Fine paid"}],
        }
    ],
    "identity": {"document": "Passport, checked", "addresses_found": 2, "aliases": []},
}
CLEAR = CHECK | {"overall": "clear", "records": [], "screenings": [CHECK["screenings"][0], CHECK["screenings"][2]]}

CODE, TALK, LOOK = "coding", "english", "background"
FIELDS: dict[str, dict[str, Any]] = {CODE: {"language": "python"}, TALK: {}, LOOK: {"package": "standard"}}


def taken(document: dict[str, Any], *more: Step) -> tuple[Step, ...]:
    """Accepted, started, finished; and what came after."""
    return (
        ("accepted", {"reference": "ref-1"}),
        ("started", {}),
        ("final", {"document": document}),
        ("report", {}),
        *more,
    )


AMENDED = {"document": CODING | {"overall": 84.0, "percentile": 92}, "reason": "One task was scored again."}

# Which candidate (by position), which assessment, what happened.
ORDERS: tuple[tuple[int, str, tuple[Step, ...]], ...] = (
    (0, CODE, taken(CODING, ("amended", AMENDED))),
    (0, TALK, taken(ENGLISH)),
    (1, CODE, taken(CODING_LOW)),
    (2, LOOK, taken(CHECK)),
    (4, LOOK, taken(CLEAR)),
    (5, TALK, taken(ENGLISH | {"overall": 85, "cefr": "B1"})),
    (6, CODE, (("declined", {"message": "This candidate took the same test last month."}),)),
    (8, TALK, (("accepted", {}), ("cancel", {}), ("final", {"document": ENGLISH}))),
    (9, CODE, (("accepted", {}), ("started", {}), ("final", {"document": {"overall": "high"}}), *taken(CODING)[2:])),
    (10, LOOK, (("accepted", {}), ("expired", {"note": "The candidate never gave consent."}))),
    (12, CODE, (("accepted", {}), ("started", {}), ("cancel", {}))),
)

# Results from before the partner was here: whom it names, which assessment, the document. Nobody has the first address.
WITHOUT_AN_ORDER: tuple[tuple[dict[str, str], str, dict[str, Any]], ...] = (
    ({"email": "ottilie.fernsby@mail.example", "first_name": "Ottilie", "last_name": "Fernsby"}, TALK, ENGLISH),
    ({"reference": "lm-2024-118"}, TALK, ENGLISH | {"overall": 95, "cefr": "B2"}),
)
