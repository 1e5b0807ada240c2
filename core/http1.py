"""A connection that speaks HTTP/1.1, by h11: one call after the other. It belongs to the thread of its event loop.

Used by :mod:`core.http` alone.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import h11

from core.guard import Exchange, Failure

# The largest head of an answer, in bytes.
HEAD_LIMIT = 100 * 1024


class Answer:
    """What came back. ``headers`` are in lower case; ``body`` has at most so many bytes as were asked for."""

    def __init__(self, head: h11.Response, body: bytes, *, truncated: bool) -> None:
        self.status = head.status_code
        self.headers: list[tuple[bytes, bytes]] = list(head.headers)
        self.body = body
        self.truncated = truncated


class Connection(asyncio.Protocol):
    """Made for one exchange; ``is_ready`` says that another may follow."""

    def __init__(self, exchange: Exchange) -> None:
        self._http = h11.Connection(h11.CLIENT, max_incomplete_event_size=HEAD_LIMIT)
        # None between two calls.
        self._exchange: Exchange | None = exchange
        self._more: asyncio.Future[None] | None = None
        self._is_open = True
        self._was_torn = False
        self._rest: asyncio.TimerHandle | None = None
        self._at_end: Callable[[], None] | None = None

    # --- A call ---------------------------------------------------------------------------------------------------

    async def ask(self, head: h11.Request, body: bytes, exchange: Exchange, body_limit: int) -> Answer:
        """Sends the call and reads the answer, until the call's deadline. Raises Failure."""
        message = self._said(head) + (self._said(h11.Data(data=body)) if body else b"") + self._said(h11.EndOfMessage())
        self._exchange = exchange
        self._transport.write(message)
        try:
            async with asyncio.timeout_at(exchange.deadline):
                return await self._answer(exchange, body_limit)
        except TimeoutError:
            raise exchange.late() from None
        except h11.RemoteProtocolError:
            raise exchange.broken() from None
        finally:
            self._exchange = None

    def _said(self, event: Any) -> bytes:
        return self._http.send(event) or b""

    async def _answer(self, exchange: Exchange, body_limit: int) -> Answer:
        head = await self._next()
        while isinstance(head, h11.InformationalResponse):
            head = await self._next()
        exchange.head_received = True
        body = bytearray()
        while isinstance(part := await self._next(), h11.Data):
            body += part.data
            if len(body) > body_limit:
                return Answer(head, bytes(body[:body_limit]), truncated=True)
        return Answer(head, bytes(body), truncated=False)

    async def _next(self) -> Any:
        """The next event of the answer; waits for more bytes until there is one."""
        while (event := self._http.next_event()) is h11.NEED_DATA:
            if self._was_torn:
                raise Failure("reset")
            self._more = asyncio.get_running_loop().create_future()
            await self._more
        return event

    # --- Between two calls ----------------------------------------------------------------------------------------

    @property
    def is_ready(self) -> bool:
        is_done = self._http.our_state is h11.DONE and self._http.their_state is h11.DONE
        # Bytes after the answer would be taken for the next one.
        return self._is_open and is_done and self._http.trailing_data == (b"", False)

    def rest(self, seconds: float, at_end: Callable[[], None]) -> None:
        """Waits for the next call, not longer than this; ``at_end`` is called if it closes before it is woken."""
        self._http.start_next_cycle()
        self._at_end = at_end
        self._rest = asyncio.get_running_loop().call_later(seconds, self.close)

    def wake(self) -> None:
        assert self._rest is not None
        self._rest.cancel()
        self._rest = self._at_end = None

    def close(self) -> None:
        """At once, whatever is under way."""
        self._is_open = False
        self._transport.abort()
        if self._rest is not None and self._at_end is not None:
            at_end = self._at_end
            self.wake()
            at_end()

    # --- What the event loop tells --------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        if self._exchange is None:
            # Nobody asked.
            self.close()
            return
        self._exchange.heard = True
        self._http.receive_data(data)
        self._go_on()

    def eof_received(self) -> None:
        self._is_open = False
        if self._exchange is None:
            self.close()
            return
        self._exchange.ended = True
        self._http.receive_data(b"")
        self._go_on()

    def connection_lost(self, error: Exception | None) -> None:
        if self._exchange is None:
            self.close()
        elif error is not None:
            self._is_open, self._was_torn = False, True
            self._go_on()
        elif self._is_open:
            self.eof_received()

    def _go_on(self) -> None:
        if self._more is not None and not self._more.done():
            self._more.set_result(None)
