"""Adapters whose requests are signed one by one: there is no access token to ask for."""

from __future__ import annotations

from bihuan.loop.providers.provider import Reply, Request, Token, Unclear


class NoToken:
    """The part of an `Adapter` that is about access tokens, for providers without them."""

    __slots__ = ()

    def token_request(self) -> Request | None:
        return None

    def read_token(self, reply: Reply) -> Token | Unclear:
        return Unclear("requests are signed one by one: no access token")
