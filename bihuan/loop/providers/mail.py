"""E-mail over SMTP: the server's acceptance is `accepted`; delivery reports tell the rest.

Source: RFC 5321 (reply codes), RFC 3461 (asking for delivery reports), RFC 3464 (reading them:
action failed, delivered, relayed, expanded, delayed). A bounce is not a delivery, a relay neither.
"""

from __future__ import annotations

import smtplib
import ssl
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage, Message
from email.utils import format_datetime

from bihuan.base.errors import bad
from bihuan.base.time import CHINA, datetime_of
from bihuan.loop.channels import Told
from bihuan.loop.entries import Fact
from bihuan.loop.providers.provider import (
    Errand,
    Outcome,
    Reason,
    Refused,
    Report,
    Secret,
    Taken,
    Throttled,
    Unclear,
    evidence,
    reported,
)
from bihuan.loop.providers.sender import LOOPBACK, TIMEOUT_S

NAME = "mail"
ACTIONS: dict[str, Fact] = {"failed": "failed", "delivered": "delivered"}
REASONS: dict[str, Reason] = {
    "5.1": "wrong_address",
    "5.2.2": "other",  # mailbox full
    "5.7": "blacklisted",
}


@dataclass(frozen=True, slots=True)
class Mailbox:
    """A mailbox to send from. is_tls: TLS from the first byte; otherwise STARTTLS is required."""

    host: str
    port: int
    sender: str
    user: str = ""
    password: Secret = field(default_factory=lambda: Secret(""))
    is_tls: bool = True
    timeout_s: float = TIMEOUT_S


def message_of(errand: Errand, sender: str) -> EmailMessage:
    """The message; its Message-ID is the reference that a bounce quotes. Raises BadInputError."""
    if "@" not in errand.address or any(sign in errand.address for sign in " \r\n,;<>"):
        raise bad("mailbox", "•••", "one address such as name@example.org")
    message = EmailMessage(policy=policy.SMTP)
    message["From"], message["To"] = sender, errand.address
    message["Subject"] = " ".join(errand.title.split())
    message["Date"] = format_datetime(datetime_of(errand.at_us).astimezone(CHINA))
    message["Message-ID"] = f"<{reference_of(errand)}@{sender.partition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(errand.text)
    return message


def reference_of(errand: Errand) -> str:
    return f"{errand.key}.{errand.nonce[:16]}"


def send_mail(mailbox: Mailbox, errand: Errand) -> Outcome:
    """Send once. What breaks before DATA was not sent; after it, who knows.

    Raises BadInputError for an address that cannot be one.
    """
    message = message_of(errand, mailbox.sender)
    try:
        server = _connected(mailbox)
    except smtplib.SMTPResponseException as error:
        return _refused(error.smtp_code, error.smtp_error, "credentials")
    except (OSError, smtplib.SMTPException) as error:
        return Refused("outage", f"{NAME}: not connected ({type(error).__name__})")
    try:
        return _deliver(server, mailbox, errand, message.as_bytes())
    except (OSError, smtplib.SMTPException) as error:
        return Unclear(f"{NAME}: no whole answer ({type(error).__name__})")
    finally:
        server.close()


def _connected(mailbox: Mailbox) -> smtplib.SMTP:
    trust = ssl.create_default_context()
    server: smtplib.SMTP
    if mailbox.is_tls:
        server = smtplib.SMTP_SSL(
            mailbox.host, mailbox.port, timeout=mailbox.timeout_s, context=trust
        )
    else:
        server = smtplib.SMTP(mailbox.host, mailbox.port, timeout=mailbox.timeout_s)
    try:
        if not mailbox.is_tls and mailbox.host not in LOOPBACK:
            server.starttls(context=trust)
        server.ehlo_or_helo_if_needed()
        if mailbox.user:
            server.login(mailbox.user, mailbox.password.reveal())
    except (OSError, smtplib.SMTPException):
        server.close()
        raise
    return server


def _deliver(server: smtplib.SMTP, mailbox: Mailbox, errand: Errand, content: bytes) -> Outcome:
    has_reports = server.has_extn("dsn")
    envelope = [f"ENVID={reference_of(errand)}", "RET=HDRS"] if has_reports else []
    got, said = server.mail(mailbox.sender, envelope)
    if got != 250:
        return _refused(got, said, "credentials")
    got, said = server.rcpt(errand.address, ["NOTIFY=SUCCESS,FAILURE"] if has_reports else [])
    if got not in (250, 251):
        return _refused(got, said, "wrong_address")
    try:
        got, said = server.data(content)
    except smtplib.SMTPDataError as error:  # refused at the word DATA: nothing was sent
        return _refused(error.smtp_code, error.smtp_error, "content")
    if got != 250:
        return _refused(got, said, "content")
    return Taken(reference_of(errand), evidence(NAME, smtp=got, id=reference_of(errand)))


def _refused(got: int, said: bytes | str, reason: Reason) -> Outcome:
    """4xx: try again later (RFC 5321 4.2.1); anything else is for good."""
    text = said.decode("ascii", "replace") if isinstance(said, bytes) else said
    enhanced = text.split(" ", 1)[0]
    is_enhanced = enhanced.count(".") == 2 and enhanced.replace(".", "").isdigit()
    shown = evidence(NAME, smtp=got, status=enhanced if is_enhanced else "")
    if 400 <= got < 500:
        return Throttled(shown)
    known = [word for start, word in REASONS.items() if is_enhanced and enhanced.startswith(start)]
    return Refused(known[0] if known else reason, shown)


def read_report(raw: bytes) -> Report | None:
    """A delivery report that came back by mail; None for any other mail.

    The reference is the envelope id, or the Message-ID in the headers that came back.
    """
    mail: Message = message_from_bytes(raw, policy=policy.compat32)
    if mail.get_content_type() != "multipart/report" or not mail.is_multipart():
        return None
    reference, action, status = "", "", ""
    for part in mail.walk():
        if part.get_content_type() == "message/delivery-status":
            for group in _groups(part):
                reference = group.get("Original-Envelope-Id", reference).strip()
                action = group.get("Action", action).strip().lower()
                status = group.get("Status", status).strip()
        elif part.get_content_type() in ("message/rfc822", "text/rfc822-headers"):
            reference = reference or _message_id(part)
    if not reference or not action:
        return None
    shown = evidence(NAME, id=reference, action=action, status=status)
    fact = ACTIONS.get(action)
    return Report(reference, ()) if fact is None else reported(reference, (fact, shown))


def _groups(part: Message) -> list[Message]:
    payload = part.get_payload()
    return (
        [group for group in payload if isinstance(group, Message)]
        if isinstance(payload, list)
        else []
    )


def _message_id(part: Message) -> str:
    payload = part.get_payload()
    if isinstance(payload, list):
        inner = payload[0] if payload and isinstance(payload[0], Message) else None
    else:
        inner = message_from_bytes(str(payload).encode(), policy=policy.compat32)
    said = str(inner.get("Message-ID", "")) if inner is not None else ""
    return said.strip().strip("<>").rpartition("@")[0]


@dataclass(frozen=True, slots=True)
class Mails:
    """A mailbox as what carries messages."""

    mailbox: Mailbox
    name: str = NAME
    ring_s: int = 0

    @property
    def secrets(self) -> tuple[Secret, ...]:
        return (self.mailbox.password,)

    def carry(self, errand: Errand) -> Outcome:
        return send_mail(self.mailbox, errand)

    def look_up(self, asked: object) -> list[Told]:
        """A server cannot be asked: its reports come by mail."""
        return []
