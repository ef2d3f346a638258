"""`tls init`: a chain that a client who trusts only our authority accepts, over a real socket."""

from __future__ import annotations

import socket
import ssl
import stat
import threading
from pathlib import Path

import pytest

from bihuan.base.errors import BadInputError
from bihuan.base.time import SystemClock
from bihuan.wiring import certificates


def shake(folder: Path, name: str, *, trusts: Path | None = None) -> str:
    """A TLS handshake on loopback; the protocol's version."""
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(folder / "site.crt", folder / "site.key")
    client = ssl.create_default_context(cafile=str((trusts or folder) / "ca.crt"))
    near, far = socket.socketpair()

    def serve() -> None:
        try:
            with server.wrap_socket(far, server_side=True) as line:
                line.recv(1)
        except (ssl.SSLError, OSError):
            far.close()

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        with client.wrap_socket(near, server_hostname=name) as line:
            return str(line.version())
    finally:
        near.close()
        thread.join(10)


def test_made_certificate_is_accepted_for_its_names_and_no_other(tmp_path: Path) -> None:
    made = certificates.make(tmp_path, ["bihuan.lan", "127.0.0.1"], "青禾县", SystemClock())
    assert made.is_new_ca
    assert shake(tmp_path, "bihuan.lan") in ("TLSv1.2", "TLSv1.3")
    assert shake(tmp_path, "127.0.0.1") in ("TLSv1.2", "TLSv1.3")
    with pytest.raises(ssl.SSLCertVerificationError):
        shake(tmp_path, "other.lan")


def test_second_init_keeps_the_authority_that_phones_have(tmp_path: Path) -> None:
    certificates.make(tmp_path / "a", ["a.lan"], "青禾县", SystemClock())
    phone = tmp_path / "phone"
    phone.mkdir()
    (phone / "ca.crt").write_bytes((tmp_path / "a" / "ca.crt").read_bytes())
    again = certificates.make(tmp_path / "a", ["b.lan"], "青禾县", SystemClock())
    assert not again.is_new_ca
    assert shake(tmp_path / "a", "b.lan", trusts=phone)
    certificates.make(tmp_path / "b", ["b.lan"], "青禾县", SystemClock())
    with pytest.raises(ssl.SSLCertVerificationError):
        shake(tmp_path / "b", "b.lan", trusts=phone)


def test_keys_are_readable_by_the_service_only(tmp_path: Path) -> None:
    certificates.make(tmp_path, ["a.lan"], "青禾县", SystemClock())
    for name in ("ca.key", "site.key"):
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600


@pytest.mark.parametrize("hosts", [[], ["http://a"], ["A.lan"], ["a_b"], ["a lan"]])
def test_hosts_that_are_none_are_refused_and_nothing_is_made(
    tmp_path: Path, hosts: list[str]
) -> None:
    with pytest.raises(BadInputError, match="host"):
        certificates.make(tmp_path, hosts, "青禾县", SystemClock())
    assert not list(tmp_path.iterdir())


def test_authority_without_its_key_is_told(tmp_path: Path) -> None:
    certificates.make(tmp_path, ["a.lan"], "青禾县", SystemClock())
    (tmp_path / "ca.key").unlink()
    with pytest.raises(BadInputError, match=r"ca\.key"):
        certificates.make(tmp_path, ["a.lan"], "青禾县", SystemClock())
