"""What a revision changed is told by label, for the eyes of the role, and records are followed by their name."""

from __future__ import annotations

from assessments.rendering.diff import ChangeRow, changes

SCHEMA = {
    "type": "object",
    "properties": {
        "score": {"type": "number", "title": "Score"},
        "secret": {"type": "string", "x-audience": ["admin"]},
        "tasks": {
            "type": "array",
            "title": "Tasks",
            "items": {"properties": {"points": {"title": "Points"}, "name": {}}},
        },
    },
}


def test_a_changed_an_added_and_a_removed_leaf_are_told() -> None:
    old = {"score": 1, "tasks": [{"name": "A", "points": 1}, {"name": "B", "points": 2}]}
    new = {"score": 2, "tasks": [{"name": "C", "points": 9}, {"name": "B", "points": 2}]}
    assert [(row.kind, row.label, row.before, row.after) for row in changes(SCHEMA, old, SCHEMA, new, "admin")] == [
        ("changed", "Score", "1", "2"),
        ("added", "Tasks › C › Name", "", "C"),
        ("added", "Tasks › C › Points", "", "9"),
        ("removed", "Tasks › A › Name", "A", ""),
        ("removed", "Tasks › A › Points", "1", ""),
    ]


def test_what_a_role_may_not_see_is_no_change_for_it() -> None:
    old, new = {"secret": "a", "score": 1}, {"secret": "b", "score": 1}
    assert changes(SCHEMA, old, SCHEMA, new, "recruiter") == ()
    assert changes(SCHEMA, old, SCHEMA, new, "admin") == (
        ChangeRow(pointer="/secret", label="Secret", kind="changed", before="a", after="b"),
    )
