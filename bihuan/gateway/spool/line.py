"""The line between spool and core: TLS, both sides proving that they hold the shared key.

The listener's certificate is its own; no authority is asked. Each side proves the key with
HMAC-SHA256 over both nonces and the digest of that certificate, so that whoever sits between
the two, with another certificate, can use neither proof. Who dials is free: the core, or the
spool where the internet zone may open connections inwards and the core may not go out.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import socket
import ssl
import struct
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from bihuan.base.errors import bad

TIMEOUT_S: Final = 10.0
MOST_BYTES: Final = 16 * 1024 * 1024
_NONCE: Final = 32
_SIZE: Final = struct.Struct(">I")
_KEY_BYTES: Final = 32


class StrangerError(ConnectionError):
    """The other side did not prove that it holds the key."""


class Line:
    """An authenticated connection that carries whole messages."""

    def __init__(self, tls: ssl.SSLSocket) -> None:
        self._tls = tls

    def send(self, body: bytes) -> None:
        """Send one message; raises OSError where the line is gone."""
        self._tls.sendall(_SIZE.pack(len(body)) + body)

    def receive(self, within_s: float = TIMEOUT_S) -> bytes:
        """The next message; raises OSError where none comes in time or the line is gone."""
        self._tls.settimeout(within_s)
        (size,) = _SIZE.unpack(_exactly(self._tls, _SIZE.size))
        if size > MOST_BYTES:
            raise ConnectionError(f"message: got {size} bytes, want at most {MOST_BYTES}")
        return _exactly(self._tls, size)

    def close(self) -> None:
        self._tls.close()


def dialled(address: tuple[str, int], key: bytes) -> Line:
    """Dial and prove each other; raises OSError, StrangerError."""
    plain = socket.create_connection(address, timeout=TIMEOUT_S)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE  # the shared key proves the certificate, below
    tls = _wrapped(context, plain, is_listener=False)
    try:
        proof = hashlib.sha256(tls.getpeercert(binary_form=True) or b"").digest()
        nonces = _nonces(tls)
        tls.sendall(_proof(key, b"dialer", nonces[1] + nonces[0] + proof))
        _expect(tls, _proof(key, b"listener", nonces[1] + nonces[0] + proof))
    except BaseException:
        tls.close()
        raise
    return Line(tls)


def answered(plain: socket.socket, key: bytes, certificate: Path) -> Line:
    """The listener's side of a connection; raises OSError, StrangerError."""
    plain.settimeout(TIMEOUT_S)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.load_cert_chain(certificate)
    tls = _wrapped(context, plain, is_listener=True)
    try:
        der = ssl.PEM_cert_to_DER_cert(certificate.read_text().split("-----BEGIN PRIVATE KEY")[0])
        proof = hashlib.sha256(der).digest()
        nonces = _nonces(tls)
        # the dialer first: a stranger who only asks learns nothing that is made of the key
        _expect(tls, _proof(key, b"dialer", nonces[0] + nonces[1] + proof))
        tls.sendall(_proof(key, b"listener", nonces[0] + nonces[1] + proof))
    except BaseException:
        tls.close()
        raise
    return Line(tls)


def shared_key(path: Path) -> bytes:
    """The key in a file of 64 hex digits; raises BadInputError for any other."""
    try:
        key = bytes.fromhex(path.read_text().strip())
    except (OSError, ValueError) as error:
        raise bad(
            "key", f"{path.name}: {type(error).__name__}", "a file of 64 hex digits"
        ) from None
    if len(key) != _KEY_BYTES:
        raise bad("key", f"{path.name}: {len(key)} bytes", "a file of 64 hex digits")
    return key


def made_key(path: Path) -> bytes:
    """The key in a file, made where there is none yet."""
    if not path.exists():
        _write(path, secrets.token_hex(_KEY_BYTES).encode())
    return shared_key(path)


def made_certificate(path: Path) -> Path:
    """A certificate of its own with its key in one file, made where there is none yet."""
    if path.exists():
        return path
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "bihuan handover")])
    start = datetime(2000, 1, 1, tzinfo=UTC)  # nobody judges it by time: the shared key proves it
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=36_500))
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    _write(path, made.public_bytes(serialization.Encoding.PEM) + private)
    return path


def _write(path: Path, content: bytes) -> None:
    fresh = path.with_name(f"{path.name}.{os.getpid()}")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)


def _wrapped(context: ssl.SSLContext, plain: socket.socket, *, is_listener: bool) -> ssl.SSLSocket:
    try:
        return context.wrap_socket(plain, server_side=is_listener)
    except BaseException:
        plain.close()
        raise


def _nonces(tls: ssl.SSLSocket) -> tuple[bytes, bytes]:
    """Own and the other's."""
    own = secrets.token_bytes(_NONCE)
    tls.sendall(own)
    return own, _exactly(tls, _NONCE)


def _proof(key: bytes, who: bytes, said: bytes) -> bytes:
    """said: listener's nonce, dialer's nonce, digest of the listener's certificate."""
    return hmac.new(key, b"bihuan handover 1 " + who + said, hashlib.sha256).digest()


def _expect(tls: ssl.SSLSocket, proof: bytes) -> None:
    if not hmac.compare_digest(_exactly(tls, len(proof)), proof):
        raise StrangerError("the other side holds another key")


def _exactly(tls: ssl.SSLSocket, size: int) -> bytes:
    found = bytearray()
    while len(found) < size:
        piece = tls.recv(min(size - len(found), 65_536))
        if not piece:
            raise ConnectionError("the line ended")
        found += piece
    return bytes(found)
