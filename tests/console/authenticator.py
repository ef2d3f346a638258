"""A passkey in software: makes keys and signs challenges as a phone does (WebAuthn level 2)."""

from __future__ import annotations

import hashlib
import json
import os
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

PRESENT, VERIFIED, HAS_KEY = 0x01, 0x04, 0x40


def plain(content: bytes) -> str:
    """base64url without padding, as browsers send bytes."""
    return urlsafe_b64encode(content).rstrip(b"=").decode()


@dataclass
class Authenticator:
    """One phone with one passkey. signs: how often it has signed."""

    origin: str = "http://testserver"
    host: str = "testserver"
    flags: int = PRESENT | VERIFIED
    signs: int = 0
    credential: bytes = field(default_factory=lambda: os.urandom(16))
    key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )

    def make(self, options: dict[str, Any]) -> str:
        """The answer to `navigator.credentials.create`."""
        numbers = self.key.public_key().public_numbers()
        # COSE (RFC 9053): EC2, ES256, P-256
        cose = {
            1: 2,
            3: -7,
            -1: 1,
            -2: numbers.x.to_bytes(32, "big"),
            -3: numbers.y.to_bytes(32, "big"),
        }
        attested = bytes(16) + len(self.credential).to_bytes(2, "big") + self.credential
        about = self._about(HAS_KEY) + attested + cbor2.dumps(cose)
        made = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": about})
        said = {"attestationObject": plain(made)}
        return self._answer("webauthn.create", options, said)[0]

    def sign(self, options: dict[str, Any]) -> str:
        """The answer to `navigator.credentials.get`."""
        self.signs += 1
        about = self._about(0)
        said = {"authenticatorData": plain(about)}
        _, client = self._answer("webauthn.get", options, said)
        signed = self.key.sign(about + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        return self._answer("webauthn.get", options, {**said, "signature": plain(signed)})[0]

    def _about(self, more: int) -> bytes:
        host = hashlib.sha256(self.host.encode()).digest()
        return host + bytes([self.flags | more]) + self.signs.to_bytes(4, "big")

    def _answer(
        self, what: str, options: dict[str, Any], said: dict[str, str]
    ) -> tuple[str, bytes]:
        client = json.dumps(
            {"type": what, "challenge": options["challenge"], "origin": self.origin}
        ).encode()
        response = {"clientDataJSON": plain(client), **said}
        name = plain(self.credential)
        answer = {"id": name, "rawId": name, "type": "public-key", "response": response}
        return json.dumps(answer), client
