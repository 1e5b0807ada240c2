"""A partner that takes calls as cheaply as Python can: `python -m tests.benchmarks.receiver` prints its port.

It answers 200 to every POST, and keeps the moment at which each `webhook-id` first came. `/hang` is never answered.
`GET` tells the moments and forgets them.
"""

from __future__ import annotations

import asyncio
import json
import time

ANSWER = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%s"


class Receiver(asyncio.Protocol):
    came: dict[str, float] = {}

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._buffer = b""

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while (end := self._buffer.find(b"\r\n\r\n")) >= 0:
            head = self._buffer[:end].decode("latin-1")
            length = int(_header(head, "content-length") or 0)
            if len(self._buffer) < end + 4 + length:
                return
            self._buffer = self._buffer[end + 4 + length :]
            self._answer(head)

    def _answer(self, head: str) -> None:
        if head.startswith("GET"):
            body = json.dumps(self.came).encode()
            self.came.clear()
            self._transport.write(ANSWER % (len(body), body))
        elif not head.startswith("POST /hang"):
            self.came.setdefault(_header(head, "webhook-id"), time.time())
            self._transport.write(ANSWER % (2, b"{}"))


def _header(head: str, name: str) -> str:
    at = head.lower().find(f"\r\n{name}:")
    return "" if at < 0 else head[at + len(name) + 3 :].partition("\r\n")[0].strip()


async def serve() -> None:
    server = await asyncio.get_running_loop().create_server(Receiver, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve())
