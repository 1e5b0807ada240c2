"""How long gunicorn's worker waits for a request: a client that sends a byte now and then holds no thread for long."""

from __future__ import annotations

import errno
import socket
import time
from typing import Any

from gunicorn.http.unreader import SocketUnreader

# In seconds, for the first bytes of a request; and the bytes that buy it one second more, which is slower than any
# line that an upload is made over. An answer has to be taken within a time of its own.
REQUEST_WITHIN = 10.0
BYTES_A_SECOND = 32 * 1024
ANSWER_WITHIN = 60.0


class TimedUnreader(SocketUnreader):  # type: ignore[misc]  # gunicorn has no types
    """Raises ConnectionResetError, as if the client had gone, where a request does not come in time."""

    _until = 0.0

    def begin(self) -> None:
        """A request may come now."""
        self._until = time.monotonic() + REQUEST_WITHIN

    def chunk(self, size_hint: int | None = None) -> Any:
        left = self._until - time.monotonic()
        try:
            if left <= 0:
                raise TimeoutError
            self.sock.settimeout(left)
            data = super().chunk(size_hint)
        except TimeoutError:
            # Else the worker's only loop would wait for the client to close its side.
            self.sock.shutdown(socket.SHUT_RDWR)
            raise ConnectionResetError(errno.ECONNRESET, "the request did not come in time") from None
        finally:
            self.sock.settimeout(ANSWER_WITHIN)
        self._until += len(data) / BYTES_A_SECOND
        return data
