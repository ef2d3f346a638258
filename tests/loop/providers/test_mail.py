"""E-mail against a server on loopback: accepted is not delivered, a bounce is neither."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator, Mapping
from email import message_from_bytes

import pytest

from bihuan.base.errors import BadInputError
from bihuan.loop.providers.mail import Mailbox, Mails, read_report, send_mail
from bihuan.loop.providers.provider import Refused, Taken, Throttled, Unclear
from tests.loop.providers.conftest import errand_to

ADDRESS = "zhang@example.org"


class Post(socketserver.ThreadingTCPServer):
    """A mail server that says what it is told to say, by the command's first word."""

    allow_reuse_address, daemon_threads = True, True

    def __init__(self, says: Mapping[str, str]) -> None:
        self.says, self.got, self.mail = says, list[str](), b""
        super().__init__(("127.0.0.1", 0), Talk)
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()


class Talk(socketserver.StreamRequestHandler):
    server: Post

    def handle(self) -> None:
        usual = {
            "hello": "220 mail",
            "EHLO": "250-mail\r\n250 DSN",
            "MAIL": "250 2.1.0 ok",
            "RCPT": "250 2.1.5 ok",
            "DATA": "354 go on",
            ".": "250 2.0.0 queued",
        }
        says = {**usual, **self.server.says}
        self.wfile.write(f"{says['hello']}\r\n".encode())
        while line := self.rfile.readline().decode().strip():
            self.server.got.append(line)
            word = line.split(" ")[0].split(":")[0].upper()
            answer = says.get(word, "500 what")
            if answer == "gone":
                return
            self.wfile.write(f"{answer}\r\n".encode())
            if word == "DATA" and answer.startswith("354"):
                self._data(says["."])

    def _data(self, answer: str) -> None:
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            self.server.mail += line
        if answer == "gone":
            self.connection.shutdown(2)
            return
        self.wfile.write(f"{answer}\r\n".encode())


@pytest.fixture
def servers() -> Iterator[list[Post]]:
    made: list[Post] = []
    yield made
    for server in made:
        server.shutdown()
        server.server_close()


def mailbox(servers: list[Post], **says: str) -> Mailbox:
    renamed = {("." if name == "end" else name): answer for name, answer in says.items()}
    servers.append(Post(renamed))
    port = servers[-1].server_address[1]
    return Mailbox("127.0.0.1", int(port), "desk@county.example", is_tls=False, timeout_s=2)


def test_mail_that_the_server_takes_is_accepted(servers: list[Post]) -> None:
    outcome = send_mail(mailbox(servers), errand_to(ADDRESS))
    assert outcome == Taken("bh7.0f0f0f0f0f0f0f0f", "mail smtp=250 id=bh7.0f0f0f0f0f0f0f0f")
    assert "rcpt TO:<zhang@example.org> NOTIFY=SUCCESS,FAILURE" in servers[0].got
    sent = message_from_bytes(servers[0].mail)
    assert sent["Message-ID"] == "<bh7.0f0f0f0f0f0f0f0f@county.example>"
    assert sent.get_payload(decode=True) == "李奶奶按了呼救键\r\n".encode()


@pytest.mark.parametrize(
    ("says", "expected"),
    [
        (
            {"RCPT": "550 5.1.1 no such user"},
            Refused("wrong_address", "mail smtp=550 status=5.1.1"),
        ),
        ({"RCPT": "550 go away"}, Refused("wrong_address", "mail smtp=550")),
        ({"RCPT": "552 5.2.2 full"}, Refused("other", "mail smtp=552 status=5.2.2")),
        ({"RCPT": "554 5.7.1 blocked"}, Refused("blacklisted", "mail smtp=554 status=5.7.1")),
        ({"RCPT": "451 4.7.1 greylisted"}, Throttled("mail smtp=451 status=4.7.1")),
        ({"MAIL": "530 5.7.0 log in"}, Refused("blacklisted", "mail smtp=530 status=5.7.0")),
        ({"DATA": "554 no"}, Refused("content", "mail smtp=554")),
        ({"end": "552 too big"}, Refused("content", "mail smtp=552")),
        ({"end": "452 4.3.1 later"}, Throttled("mail smtp=452 status=4.3.1")),
        ({"hello": "421 4.3.2 too many"}, Throttled("mail smtp=421 status=4.3.2")),
    ],
)
def test_mail_refusal_has_its_reason(
    says: dict[str, str], expected: object, servers: list[Post]
) -> None:
    assert send_mail(mailbox(servers, **says), errand_to(ADDRESS)) == expected


def test_mail_without_an_answer_after_the_data_is_unclear(servers: list[Post]) -> None:
    assert isinstance(send_mail(mailbox(servers, end="gone"), errand_to(ADDRESS)), Unclear)


def test_mail_without_a_server_is_refused(servers: list[Post]) -> None:
    box = mailbox(servers)
    servers[0].shutdown()
    servers[0].server_close()
    outcome = Mails(box).carry(errand_to(ADDRESS))
    assert isinstance(outcome, Refused)
    assert "not connected" in outcome.evidence


@pytest.mark.parametrize("address", ["zhang", "a@b\r\nBcc: c@d", "a@b,c@d", "<a@b>"])
def test_mail_refuses_an_address_that_is_none(address: str, servers: list[Post]) -> None:
    with pytest.raises(BadInputError):
        send_mail(mailbox(servers), errand_to(address))
    assert servers[0].got == []


def _report(action: str, status: str, envelope: str = "") -> bytes:
    """A delivery report in the form of RFC 3464."""
    quoted = f"Original-Envelope-Id: {envelope}\n" if envelope else ""
    return (
        "From: MAILER-DAEMON@example.org\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\n\n'
        "--b\nContent-Type: text/plain\n\nSorry.\n"
        "--b\nContent-Type: message/delivery-status\n\n"
        f"{quoted}Reporting-MTA: dns; example.org\n\n"
        f"Final-Recipient: rfc822; zhang@example.org\nAction: {action}\nStatus: {status}\n\n"
        "--b\nContent-Type: message/rfc822\n\n"
        "Message-ID: <bh7.0f0f@county.example>\nSubject: x\n\ntext\n--b--\n"
    ).encode()


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        ("failed", ["failed"]),
        ("delivered", ["delivered"]),
        ("relayed", []),
        ("expanded", []),
        ("delayed", []),
    ],
)
def test_mail_report_tells_only_what_is_final(action: str, expected: list[str]) -> None:
    for envelope in ("", "bh7.0f0f"):
        report = read_report(_report(action, "5.1.1", envelope))
        assert report is not None
        assert report.reference == "bh7.0f0f"
        assert [one.fact for one in report.told] == expected


@pytest.mark.parametrize(
    "raw", [b"", b"Subject: I am away\n\nback on Monday", b"Content-Type: multipart/report\n\n"]
)
def test_mail_of_another_kind_says_nothing(raw: bytes) -> None:
    assert read_report(raw) is None
