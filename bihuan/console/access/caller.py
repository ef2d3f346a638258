"""Who calls the API: another system by its key, or a person by the session of the pages."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja.errors import AuthenticationError
from ninja.security import HttpBearer, SessionAuth

from bihuan.console.access.keys import READ, Key, key_of
from bihuan.console.home import clock
from bihuan.console.signin import sessions
from bihuan.console.visit import key_behind, must_change, person_of
from bihuan.loop.act import ForbiddenError


class KeyAuth(HttpBearer):
    """`Authorization: Bearer bh_…`. A key that is not good is refused, whatever cookie is there."""

    def __call__(self, request: HttpRequest) -> Any | None:
        if "Authorization" not in request.headers:
            return None
        key = super().__call__(request)
        if key is None:
            raise AuthenticationError
        return key

    def authenticate(self, request: HttpRequest, token: str) -> Key | None:
        key = key_of(token.strip(), clock().now_us())
        request.api_key = key  # type: ignore[attr-defined]  # read by visit.key_behind
        return key


class PageAuth(SessionAuth):
    """The session of the pages, with its CSRF token; not by a one-time password."""

    def authenticate(self, request: HttpRequest, key: str | None) -> Any | None:
        if not request.user.is_authenticated or sessions.is_over(request) or must_change(request):
            return None
        return request.user


def must_have(request: HttpRequest, verb: str) -> None:
    """Raises ForbiddenError where the request's key is not good for this verb."""
    key = key_behind(request)
    if key is not None and not key.may(verb):
        raise ForbiddenError


def key_of_request(request: HttpRequest) -> Key:
    """The key behind a request that only another system makes. Raises ForbiddenError."""
    key = key_behind(request)
    if key is None or not key.may(READ):
        raise ForbiddenError
    return key


def name_of(request: HttpRequest) -> str:
    """Under which name answers are kept: of the key, else of the person."""
    key = key_behind(request)
    return f"key:{key.id}" if key is not None else f"person:{person_of(request)}"
