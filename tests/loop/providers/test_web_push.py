"""Web Push against the published examples, and read back as a browser would."""

from __future__ import annotations

import json
from urllib.parse import urlsplit

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from bihuan.loop.providers.carried import carried
from bihuan.loop.providers.carrier import HttpCarrier
from bihuan.loop.providers.provider import (
    Outcome,
    Reason,
    Refused,
    Secret,
    Taken,
    Throttled,
    Unclear,
)
from bihuan.loop.providers.sender import Sender
from bihuan.loop.providers.web_push import (
    CURVE,
    Subscription,
    WebPush,
    base64url,
    encrypted,
    private_key,
    unbase64,
)
from tests.loop.providers.conftest import AT_US, errand_to
from tests.loop.providers.loopback import Loopback, Played

# RFC 8291, section 5 and appendix A
PLAIN = b"When I grow up, I want to be a watermelon"
OWN = "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"
THEIRS = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
AUTH, SALT = "BTBZMqHH6r4Tts7J_aSIgg", "DGv6ra1nlYgDCS1FRnbzlw"
WHOLE = (
    "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6T"
    "lzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4"
    "a-fN"
)


def test_push_is_encrypted_as_the_rfc_s_example() -> None:
    to = Subscription("https://push.example.net/x", unbase64(THEIRS), unbase64(AUTH))
    assert base64url(encrypted(PLAIN, to, private_key(OWN), unbase64(SALT))) == WHOLE


class Browser:
    """The other end: keys of its own, and reading what was pushed."""

    def __init__(self, url: str) -> None:
        self._key = ec.derive_private_key(12345, CURVE)
        self._auth = b"0123456789abcdef"
        self.public = self._key.public_key().public_bytes(
            Encoding.X962, PublicFormat.UncompressedPoint
        )
        keys = {"p256dh": base64url(self.public), "auth": base64url(self._auth)}
        self.address = json.dumps({"endpoint": f"{url}/wpush/v2/abc", "keys": keys})

    def read(self, body: bytes) -> dict[str, str]:
        salt, length = body[:16], body[20]
        theirs, sealed = body[21 : 21 + length], body[21 + length :]
        point = ec.EllipticCurvePublicKey.from_encoded_point(CURVE, theirs)
        shared = self._key.exchange(ec.ECDH(), point)
        info = b"WebPush: info\0" + self.public + theirs
        secret = HKDF(hashes.SHA256(), 32, self._auth, info).derive(shared)
        key = HKDF(hashes.SHA256(), 16, salt, b"Content-Encoding: aes128gcm\0").derive(secret)
        nonce = HKDF(hashes.SHA256(), 12, salt, b"Content-Encoding: nonce\0").derive(secret)
        plain = AESGCM(key).decrypt(nonce, sealed, None)
        assert plain.endswith(b"\x02")
        read: dict[str, str] = json.loads(plain[:-1])
        return read


def pushed(provider: Loopback, status: int, **headers: str) -> Outcome:
    browser = Browser(provider.url)
    adapter = WebPush("mailto:duty@example.org", Secret(OWN), "127.0.0.1")
    provider.plays(Played("POST", "/wpush/v2/abc", "", status, headers))
    return carried(HttpCarrier(adapter, Sender(2)), errand_to(browser.address))


def test_push_arrives_and_is_read_by_the_browser(provider: Loopback) -> None:
    assert isinstance(pushed(provider, 201), Taken)
    got = provider.got[0]
    read = Browser(provider.url).read(got.body)
    assert read == {"title": "呼救", "text": "请打开查看。"}, "no name on a locked screen"
    assert (got.headers["urgency"], got.headers["content-encoding"]) == ("high", "aes128gcm")


def test_push_is_signed_with_the_site_s_key(provider: Loopback) -> None:
    pushed(provider, 201)
    said = provider.got[0].headers["authorization"]
    token, public = said.removeprefix("vapid t=").split(", k=")
    head, claims, signature = token.split(".")
    raw = unbase64(signature)
    der = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    key = ec.EllipticCurvePublicKey.from_encoded_point(CURVE, unbase64(public))
    key.verify(der, f"{head}.{claims}".encode(), ec.ECDSA(hashes.SHA256()))
    said_claims = json.loads(unbase64(claims))
    assert said_claims["aud"] == f"http://{urlsplit(provider.url).netloc}"
    assert 0 < said_claims["exp"] - AT_US // 1_000_000 <= 86_400


@pytest.mark.parametrize(
    ("status", "reason"),
    [(404, "wrong_address"), (410, "wrong_address"), (413, "content"), (403, "credentials")],
)
def test_push_that_is_refused_has_its_reason(
    provider: Loopback, status: int, reason: Reason
) -> None:
    outcome = pushed(provider, status)
    assert isinstance(outcome, Refused)
    assert outcome.reason == reason


def test_push_throttled_waits_as_it_is_told(provider: Loopback) -> None:
    outcome = pushed(provider, 429, **{"Retry-After": "30"})
    assert outcome == Throttled("web_push http=429", 30)


@pytest.mark.parametrize("status", [200, 202, 500, 503])
def test_push_without_201_is_unclear(provider: Loopback, status: int) -> None:
    assert isinstance(pushed(provider, status), Unclear)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "[]",
        '{"endpoint": "https://fcm.googleapis.com/x"}',
        '{"endpoint": "https://fcm.googleapis.com/x", "keys": {"p256dh": "AAAA", "auth": "AAAA"}}',
        Browser("https://inside.example.org").address,
        Browser("https://evil-fcm.googleapis.com").address,
        Browser("https://notify.windows.com.example.org").address,
    ],
)
def test_push_to_what_is_no_subscription_of_a_known_service_never_leaves(address: str) -> None:
    adapter = WebPush("mailto:duty@example.org", Secret(OWN))
    outcome = carried(HttpCarrier(adapter, Sender(1)), errand_to(address))
    assert isinstance(outcome, Refused)
    assert outcome.reason == "wrong_address"
