"""OpenID Connect: authorization code with PKCE, state and nonce; the token checked by JWKS.

OpenID Connect Core 1.0, 3.1.2 and 3.1.3.7; Discovery 1.0, 4; RFC 7636 (PKCE). Only algorithms
with a public key are taken: a token "signed" by none or by a shared text is refused.
"""

from __future__ import annotations

import base64
import secrets
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote, urlencode

import jwt

from bihuan.base.time import SECOND_US
from bihuan.console.outside.flow import Back, Fields, OutsideError, Trip, text
from bihuan.loop.providers.provider import Request, Secret

ALGORITHMS: Final = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384")
LEEWAY_S: Final = 60
_OURS: Final = {  # times are checked here, against the clock that the rest of the house goes by
    "verify_exp": False,
    "verify_nbf": False,
    "verify_iat": False,
    "require": ["iss", "sub", "aud", "exp", "iat"],
}


@dataclass(frozen=True)
class Oidc:
    """One issuer. The identity is `sub`, which an issuer never gives to another person."""

    name: str
    title: tuple[str, str]
    issuer: str
    client_id: str
    client_secret: Secret

    def address(self, trip: Trip, back: Back) -> str:
        parameters = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": trip.callback,
            "scope": "openid",
            "state": trip.state,
            "nonce": trip.nonce,
            "code_challenge": trip.challenge,
            "code_challenge_method": "S256",
        }
        where = text(self._described(back), "authorization_endpoint")
        return f"{where}{'&' if '?' in where else '?'}{urlencode(parameters)}"

    def identity(self, trip: Trip, back: Back) -> str:
        described = self._described(back)
        # RFC 9207: an answer of another issuer is not for this trip
        if back.said.get("iss", self.issuer) != self.issuer:
            raise OutsideError("the answer names another issuer")
        token = self._token(text(described, "token_endpoint"), trip, back)
        claims = self._claims(token, text(described, "jwks_uri"), back)
        if not secrets.compare_digest(str(claims.get("nonce", "")).encode(), trip.nonce.encode()):
            raise OutsideError("nonce: not of this trip")
        return text(claims, "sub")

    def _described(self, back: Back) -> Fields:
        url = f"{self.issuer.rstrip('/')}/.well-known/openid-configuration"
        status, fields = back.ask(Request("GET", url))
        if status != 200 or fields.get("issuer") != self.issuer:
            raise OutsideError("discovery: not of this issuer")
        return fields

    def _token(self, url: str, trip: Trip, back: Back) -> str:
        body = {
            "grant_type": "authorization_code",
            "code": back.code(),
            "redirect_uri": trip.callback,
            "code_verifier": trip.verifier,
        }
        # RFC 6749, 2.3.1: both halves are form-encoded before they are joined
        pair = f"{quote(self.client_id, safe='')}:{quote(self.client_secret.reveal(), safe='')}"
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "Accept": "application/json",
            "Authorization": "Basic " + base64.b64encode(pair.encode()).decode(),
        }
        status, fields = back.ask(Request("POST", url, headers, urlencode(body).encode()))
        if status != 200:
            raise OutsideError(f"token: HTTP {status} {str(fields.get('error', ''))[:40]}")
        return text(fields, "id_token") if "id_token" in fields else _none()

    def _claims(self, token: str, url: str, back: Back) -> dict[str, Any]:
        status, keys = back.ask(Request("GET", url))
        if status != 200:
            raise OutsideError(f"keys: HTTP {status}")
        try:
            head = jwt.get_unverified_header(token)
            key = _key(jwt.PyJWKSet.from_dict(dict(keys)), head.get("kid"))
            claims: dict[str, Any] = jwt.decode(
                token,
                key,
                algorithms=list(ALGORITHMS),
                audience=self.client_id,
                issuer=self.issuer,
                options=_OURS,  # type: ignore[arg-type]  # a plain dict of its options
            )
        except jwt.PyJWTError as error:
            raise OutsideError(f"token: {type(error).__name__}") from None
        self._must_be_now(claims, back.now_us // SECOND_US)
        if isinstance(claims["aud"], list) and claims.get("azp") != self.client_id:
            raise OutsideError("azp: made for another client")
        return claims

    @staticmethod
    def _must_be_now(claims: dict[str, Any], now_s: int) -> None:
        for name in ("exp", "iat"):
            if isinstance(claims[name], bool) or not isinstance(claims[name], int | float):
                raise OutsideError(f"{name}: not a number")
        if claims["exp"] + LEEWAY_S <= now_s or claims["iat"] - LEEWAY_S > now_s:
            raise OutsideError("token: not of now")


def _key(keys: jwt.PyJWKSet, kid: str | None) -> jwt.PyJWK:
    """The key that the token names; without a name only where there is one key."""
    fit = [key for key in keys.keys if kid is None or key.key_id == kid]
    if len(fit) != 1:
        raise OutsideError("keys: none with the token's id")
    return fit[0]


def _none() -> str:
    raise OutsideError("no id_token in the answer")
