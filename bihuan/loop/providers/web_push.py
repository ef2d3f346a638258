"""Web Push: a notification to one browser, through the push service that its maker runs.

Verified: RFC 8030 (201 Created, TTL, Urgency, Topic; 404 and 410 for a subscription that is gone,
413, 429 with Retry-After), RFC 8188 and 8291 (encryption; the published example is reproduced in
the tests), RFC 8292 (VAPID). There is no receipt: 201 is the push service's word, `accepted`.
"""

from __future__ import annotations

import base64
import binascii
import json
import os
from dataclasses import dataclass
from urllib.parse import urlsplit

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from bihuan.base.errors import bad
from bihuan.base.time import SECOND_US
from bihuan.loop.providers.provider import (
    Errand,
    Outcome,
    Refused,
    Reply,
    Request,
    Secret,
    Taken,
    Throttled,
    Unclear,
    evidence,
)
from bihuan.loop.providers.reading import retry_after_s
from bihuan.loop.providers.signed import NoToken

NAME = "web_push"
# a subscription names where we write to: only the services of the browsers' makers may be named
HOSTS = (
    "fcm.googleapis.com updates.push.services.mozilla.com web.push.apple.com .notify.windows.com"
)
TTL_S, MOST_BYTES, RECORD = 3_600, 3_000, 4_096
VALID_S = 12 * 3_600  # RFC 8292: at most 24 hours
CURVE = ec.SECP256R1()


@dataclass(frozen=True, slots=True)
class Subscription:
    """Where a browser is reached, and its keys."""

    endpoint: str
    public: bytes
    auth: bytes


def subscription_of(address: str) -> Subscription:
    """A browser's subscription from its JSON. Raises BadInputError, which does not show it."""
    try:
        fields = json.loads(address)
        keys = fields["keys"]
        found = Subscription(
            str(fields["endpoint"]), unbase64(keys["p256dh"]), unbase64(keys["auth"])
        )
        ec.EllipticCurvePublicKey.from_encoded_point(CURVE, found.public)
    except (ValueError, KeyError, TypeError, AttributeError):
        raise bad("phone", "•••", "a browser's push subscription") from None
    if len(found.auth) != 16:
        raise bad("phone", "•••", "a browser's push subscription")
    return found


def encrypted(
    plain: bytes, to: Subscription, own: ec.EllipticCurvePrivateKey, salt: bytes
) -> bytes:
    """The message as RFC 8291 wants it: header, then one record of aes128gcm.

    own   a key pair of this message alone
    salt  16 random bytes
    """
    theirs = ec.EllipticCurvePublicKey.from_encoded_point(CURVE, to.public)
    public = _point(own)
    info = b"WebPush: info\0" + to.public + public
    secret = _derived(own.exchange(ec.ECDH(), theirs), to.auth, info, 32)
    key = _derived(secret, salt, b"Content-Encoding: aes128gcm\0", 16)
    nonce = _derived(secret, salt, b"Content-Encoding: nonce\0", 12)
    header = salt + RECORD.to_bytes(4, "big") + bytes([len(public)]) + public
    return header + AESGCM(key).encrypt(nonce, plain + b"\x02", b"")


def _derived(secret: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(hashes.SHA256(), length, salt, info).derive(secret)


def _point(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def unbase64(text: str) -> bytes:
    """base64url with or without its padding. Raises ValueError."""
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except binascii.Error as error:
        raise ValueError(str(error)) from None


def private_key(text: str) -> ec.EllipticCurvePrivateKey:
    """A VAPID key from its 32 bytes in base64url. Raises BadInputError."""
    try:
        return ec.derive_private_key(int.from_bytes(unbase64(text), "big"), CURVE)
    except ValueError:
        raise bad("private_key", "•••", "32 bytes in base64url") from None


@dataclass(frozen=True, slots=True)
class WebPush(NoToken):
    """Notifications of this site. contact: `mailto:` of who runs it. Address: a subscription.

    Only an errand's glance is sent: what a browser shows may be read by whoever holds the phone.
    """

    contact: str
    private_key: Secret
    hosts: str = HOSTS
    name: str = NAME
    ring_s: int = 0

    @property
    def secrets(self) -> tuple[Secret, ...]:
        return (self.private_key,)

    @property
    def public_key(self) -> str:
        """What a page hands to the browser when it subscribes."""
        return base64url(_point(private_key(self.private_key.reveal())))

    def request(self, errand: Errand, token: Secret) -> Request:
        """Raises BadInputError for a subscription that cannot be one, or a text too long."""
        to = self.known(errand.address)
        title, text = errand.glance
        if not title or not text:
            raise bad("text", "nothing", "words that may stand on a locked screen")
        plain = json.dumps({"title": title, "text": text}, ensure_ascii=False).encode()
        if len(plain) > MOST_BYTES:
            raise bad("text", f"{len(plain)} bytes", f"at most {MOST_BYTES}")
        headers = {
            "Authorization": self._vapid(to.endpoint, errand.at_us),
            "Content-Encoding": "aes128gcm",
            "Content-Type": "application/octet-stream",
            "TTL": str(TTL_S),
            "Urgency": "high",
        }
        body = encrypted(plain, to, ec.generate_private_key(CURVE), os.urandom(16))
        return Request("POST", to.endpoint, headers, body)

    def known(self, address: str) -> Subscription:
        """A subscription at one of the push services. Raises BadInputError for any other."""
        to = subscription_of(address)
        host = urlsplit(to.endpoint).hostname or ""
        if not any(
            host == one or (one[0] == "." and host.endswith(one)) for one in self.hosts.split()
        ):
            raise bad("phone", "another host", f"a push service of {self.hosts}")
        return to

    def _vapid(self, endpoint: str, at_us: int) -> str:
        parts = urlsplit(endpoint)
        claims = {
            "aud": f"{parts.scheme}://{parts.netloc}",
            "exp": at_us // SECOND_US + VALID_S,
            "sub": self.contact,
        }
        head = {"typ": "JWT", "alg": "ES256"}
        signed = ".".join(base64url(json.dumps(one).encode()) for one in (head, claims))
        key = private_key(self.private_key.reveal())
        r, s = decode_dss_signature(key.sign(signed.encode(), ec.ECDSA(hashes.SHA256())))
        signature = base64url(r.to_bytes(32, "big") + s.to_bytes(32, "big"))
        return f"vapid t={signed}.{signature}, k={self.public_key}"

    def read(self, reply: Reply, errand: Errand) -> Outcome:
        said = evidence(NAME, http=reply.status)
        if reply.status == 201:
            return Taken(f"{errand.key}-{errand.nonce[:16]}", said)
        if reply.status == 429:
            return Throttled(said, retry_after_s(reply))
        if reply.status in (404, 410):
            return Refused("wrong_address", f"{said}, the subscription is gone")
        if 300 <= reply.status < 500 and reply.status != 408:
            return Refused("content" if reply.status == 413 else "credentials", said)
        return Unclear(said)
