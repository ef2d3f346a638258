"""A webhook is signed, fresh and first, or it is refused; a bare 200 proves nothing."""

from __future__ import annotations

import hashlib
import hmac

import pytest

from bihuan.base.errors import BadInputError
from bihuan.loop.providers.provider import Secret
from bihuan.loop.providers.webhook import Webhook, check, signature
from tests.loop.providers.conftest import AT_US, errand_to

SECRET = Secret("a secret shared by both systems")
HOOK = Webhook("https://other.example/in", SECRET)


class Seen:
    """Remembers ids, as a receiver must."""

    def __init__(self) -> None:
        self.ids: set[str] = set()

    def __call__(self, message_id: str) -> bool:
        is_new = message_id not in self.ids
        self.ids.add(message_id)
        return is_new


def headers_of(body: bytes, at_us: int, message_id: str = "m1") -> dict[str, str]:
    return {
        "bihuan-id": message_id,
        "bihuan-signature": signature(SECRET, message_id, body, at_us),
    }


def test_webhook_signature_is_hmac_of_time_id_and_body() -> None:
    request = HOOK.request(errand_to("desk-3"), Secret(""))
    message_id = request.headers["Bihuan-Id"]
    signed = f"1551113065.{message_id}.".encode() + request.body
    digest = hmac.digest(b"a secret shared by both systems", signed, hashlib.sha256).hex()
    assert request.headers["Bihuan-Signature"] == f"t=1551113065,v1={digest}"


def test_webhook_that_we_send_passes_the_receivers_check_once() -> None:
    request, seen = HOOK.request(errand_to("desk-3"), Secret("")), Seen()
    headers = {name.lower(): said for name, said in request.headers.items()}
    assert check(SECRET, headers, request.body, AT_US, seen) == headers["bihuan-id"]
    with pytest.raises(BadInputError):  # a copy of it
        check(SECRET, headers, request.body, AT_US, seen)


@pytest.mark.parametrize("off_s", [-301, 301, 86_400])
def test_webhook_refuses_another_time(off_s: int) -> None:
    with pytest.raises(BadInputError):
        check(SECRET, headers_of(b"{}", AT_US), b"{}", AT_US + off_s * 1_000_000, Seen())


def test_webhook_allows_five_minutes() -> None:
    check(SECRET, headers_of(b"{}", AT_US), b"{}", AT_US + 300 * 1_000_000, Seen())


@pytest.mark.parametrize("field", ["body", "id", "secret", "signature", "nothing"])
def test_webhook_refuses_what_was_changed_and_does_not_keep_its_id(field: str) -> None:
    headers, body, seen = headers_of(b"{}", AT_US), b"{}", Seen()
    secret = SECRET
    if field == "body":
        body = b"{ }"
    elif field == "id":
        headers["bihuan-id"] = "m2"
    elif field == "secret":
        secret = Secret("another")
    elif field == "signature":
        headers["bihuan-signature"] = "v1=0"
    else:
        headers = {}
    with pytest.raises(BadInputError):
        check(secret, headers, body, AT_US, seen)
    assert seen.ids == set()


def test_webhook_callback_tells_a_fact() -> None:
    body = b'{"message":"bh7-0f","fact":"answered","code":"front desk"}'
    report = HOOK.read_callback(headers_of(body, AT_US), body, AT_US, Seen())
    assert (report.reference, [one.fact for one in report.told]) == ("bh7-0f", ["answered"])


@pytest.mark.parametrize(
    "body", [b"{}", b"[]", b'{"message":"m","fact":"unknown"}', b'{"fact":"answered"}']
)
def test_webhook_callback_refuses_what_is_no_fact(body: bytes) -> None:
    with pytest.raises(BadInputError):
        HOOK.read_callback(headers_of(body, AT_US), body, AT_US, Seen())
