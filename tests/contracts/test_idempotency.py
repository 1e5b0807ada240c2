"""Every POST under a token is done once for its key: each example of the API's description is sent twice with one."""

from __future__ import annotations

import pytest
from pytest_django.live_server_helper import LiveServer

from core.models import RememberedReply
from tests.stories.examples import CALLS, Sandbox

POSTS = {
    call.id: call
    for call in CALLS.values()
    if call.method == "post" and any("oauth2" in needed for needed in call.operation["security"])
}


@pytest.mark.django_db(transaction=True)
def test_a_post_sent_again_with_its_key_is_answered_from_memory(
    live_server: LiveServer, subtests: pytest.Subtests
) -> None:
    assert len(POSTS) >= 15
    sandbox = Sandbox(live_server.url)
    for call in POSTS.values():
        with subtests.test(call.id):
            sandbox.prepare(call)
            first = sandbox.send(call, **{"Idempotency-Key": call.id})
            again = sandbox.send(call, **{"Idempotency-Key": call.id})
            assert (again.status_code, again.content) == (first.status_code, first.content)
            assert ("Idempotent-Replayed" in first.headers, again.headers.get("Idempotent-Replayed")) == (False, "true")
            assert RememberedReply.objects.filter(key=call.id).count() == 1
