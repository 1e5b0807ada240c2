"""A server on a loopback port that says exactly the bytes it is told to, in plain or by TLS. No HTTP is known here."""

from __future__ import annotations

import datetime
import ipaddress
import socket
import ssl
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

Talk = Callable[["Line"], object]


class Line:
    """One connection: ``hear()`` reads a whole request, ``say()`` writes bytes, ``wait()`` is over when all is."""

    def __init__(self, connection: socket.socket, over: threading.Event) -> None:
        self.connection = connection
        self._over = over

    def hear(self) -> bytes:
        heard = b""
        while b"\r\n\r\n" not in heard:
            heard += self._more()
        head, _, body = heard.partition(b"\r\n\r\n")
        lengths = [int(line.split(b":")[1]) for line in head.lower().split(b"\r\n") if b"content-length:" in line]
        while len(body) < sum(lengths):
            body += self._more()
        return head + b"\r\n\r\n" + body

    def _more(self) -> bytes:
        chunk = self.connection.recv(65536)
        if not chunk:
            raise ConnectionError("the caller hung up")
        return chunk

    def say(self, text: bytes) -> None:
        self.connection.sendall(text)

    def wait(self, seconds: float) -> bool:
        return self._over.wait(seconds)


class RawServer:
    """``port`` is where it listens; ``connections`` how many came."""

    def __init__(self, talk: Talk, context: ssl.SSLContext | None) -> None:
        self.connections = 0
        self._talk, self._context = talk, context
        self._over = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._listen, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def _listen(self) -> None:
        with suppress(OSError):  # closed
            while True:
                connection, _ = self._listener.accept()
                self.connections += 1
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        # A caller that hangs up, or that does not trust us, is part of the game.
        with suppress(OSError), connection:
            if self._context:
                connection = self._context.wrap_socket(connection, server_side=True)
            with connection:
                self._talk(Line(connection, self._over))

    def close(self) -> None:
        self._over.set()
        self._listener.close()


@contextmanager
def raw_server(talk: Talk, *, context: ssl.SSLContext | None = None) -> Iterator[RawServer]:
    server = RawServer(talk, context)
    try:
        yield server
    finally:
        server.close()


class Authority:
    """A certificate for a name, signed by itself: a server's side of it, and a client's that trusts it."""

    def __init__(self, *names: str) -> None:
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])])
        now = datetime.datetime.now(datetime.UTC)
        certificate = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(days=1))
            .not_valid_after(now + datetime.timedelta(days=1))
            .add_extension(x509.SubjectAlternativeName([_alternative(name) for name in names]), critical=False)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .sign(key, hashes.SHA256())
        )
        self._certificate = certificate.public_bytes(serialization.Encoding.PEM)
        self._key = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )

    def server(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        with tempfile.TemporaryDirectory() as directory:
            chain = Path(directory, "chain.pem")
            chain.write_bytes(self._certificate + self._key)
            context.load_cert_chain(chain)
        return context

    def client(self) -> ssl.SSLContext:
        return ssl.create_default_context(cadata=self._certificate.decode())


def _alternative(name: str) -> x509.GeneralName:
    with suppress(ValueError):
        return x509.IPAddress(ipaddress.ip_address(name))
    return x509.DNSName(name)
