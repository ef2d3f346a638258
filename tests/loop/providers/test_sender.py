"""What happened on the wire is told apart: not sent, lost, or a whole reply."""

from __future__ import annotations

import socket
import ssl
import time

import pytest

from bihuan.base.errors import BadInputError
from bihuan.loop.providers.provider import Request
from bihuan.loop.providers.sender import LostError, NotSentError, Sender, is_allowed
from tests.loop.providers.loopback import How, Loopback, Played

OK = '{"errcode":0,"errmsg":"ok","task_id":123}'


def test_sender_returns_the_whole_reply(provider: Loopback) -> None:
    provider.plays(Played("POST", "/a", OK, headers={"Retry-After": "7"}))
    reply = Sender().send(Request("POST", f"{provider.url}/a?b=1", {"X": "y"}, b"body"))
    assert (reply.status, reply.body, reply.headers["retry-after"]) == (200, OK.encode(), "7")
    got = provider.got[0]
    assert (got.query, got.headers["x"], got.body) == ("b=1", "y", b"body")


@pytest.mark.parametrize("how", ["cut", "silent", "drip", "drip headers"])
def test_sender_loses_what_does_not_come_whole_in_time(provider: Loopback, how: How) -> None:
    provider.plays(Played("POST", "/a", OK * 3, how=how))
    began_s = time.monotonic()
    with pytest.raises(LostError):
        Sender(timeout_s=0.3).send(Request("POST", f"{provider.url}/a", {}, b"body"))
    assert time.monotonic() - began_s < 5  # the drips alone would take longer


def test_sender_loses_a_reply_without_end(provider: Loopback) -> None:
    provider.plays(Played("POST", "/a", b"x" * (2 << 20)))
    with pytest.raises(LostError):
        Sender().send(Request("POST", f"{provider.url}/a"))


def test_sender_knows_that_nothing_left() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound and not listening: nobody can answer here
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/a"
        with pytest.raises(NotSentError):
            Sender().send(Request("POST", url))


def test_sender_does_not_follow_a_redirect(provider: Loopback) -> None:
    """A redirect would carry a signed request to somebody else."""
    provider.plays(Played("POST", "/a", "", 302, {"Location": f"{provider.url}/b"}))
    assert Sender().send(Request("POST", f"{provider.url}/a")).status == 302


@pytest.mark.parametrize("url", ["http://example.org/", "ftp://127.0.0.1/", "https:///a", ""])
def test_sender_refuses_what_is_not_https(url: str) -> None:
    assert not is_allowed(url)
    with pytest.raises(BadInputError):
        Sender().send(Request("POST", url))


def test_sender_refuses_a_server_without_tls(provider: Loopback) -> None:
    """The other end speaks plain HTTP: the handshake fails before a byte of the request left."""
    with pytest.raises(NotSentError):
        Sender(timeout_s=2).send(Request("POST", provider.url.replace("http:", "https:")))
    assert provider.got == []


def test_sender_verifies_certificates() -> None:
    trust = Sender()._trust
    assert (trust.verify_mode, trust.check_hostname) == (ssl.CERT_REQUIRED, True)
