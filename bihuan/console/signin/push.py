"""Notices of this site in the browsers of a person: turned on and off by that person alone.

Their addresses and keys are one address of the person like a phone number: sealed for that
person, on the channel `push`, the browser turned on last at the end.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from bihuan.base.errors import BadInputError, bad
from bihuan.console.home import clock, keys
from bihuan.console.signin import sessions
from bihuan.console.visit import person_of, signed_in
from bihuan.journal.rows import Rows
from bihuan.journal.storage import MAIN
from bihuan.loop.delivery.browsers import CHANNEL, address_at, site
from bihuan.loop.delivery.letters import reach_of
from bihuan.loop.providers.browsers import MOST, addresses_of
from bihuan.register.entries import Actor
from bihuan.register.parties.acts import PartyActs


@dataclass(frozen=True, slots=True)
class Notices:
    """How notices stand for a person.

    public_key  what the browser subscribes with, base64url; "" = this county sends none
    browsers    of each browser that gets them: its mark and its push service's host
    """

    public_key: str
    browsers: tuple[tuple[str, str], ...] = ()

    @property
    def marks(self) -> list[str]:
        return [mark for mark, _host in self.browsers]


def mark_of(endpoint: str) -> str:
    """SHA-256, hex: a browser knows itself by it, and nobody can write to it by it."""
    return hashlib.sha256(endpoint.encode()).hexdigest()


def notices_of(person_id: int) -> Notices:
    """Whether this person gets notices, and what a browser needs to."""
    found = site()
    held = ((mark_of(one), urlsplit(one).hostname or "") for one in _held(person_id))
    return Notices(found.public_key if found is not None else "", tuple(held))


def turn_on(by: Actor, subscription: str, key: str = "", instead_of: str = "") -> None:
    """Send this person's notices to a browser too. Raises BadInputError; key: see `KeyedActs`.

    instead_of: the mark of the address that the browser had before its maker gave it another.
    """
    found = site()
    if found is None:
        raise bad("subscription", "•••", "an account for notices that this county has set up")
    address = address_at(found, subscription)
    assert by.person_id is not None
    held = _held(by.person_id)
    mine = json.loads(address)["endpoint"]
    others = [held[one] for one in held if one != mine and mark_of(one) != instead_of]
    _set(by, [*others, address][-MOST:], key)


def turn_off(by: Actor, key: str = "", mark: str = "") -> None:
    """No more notices to the browser with this mark, "" = to none at all."""
    assert by.person_id is not None
    held = _held(by.person_id)
    left = [held[one] for one in held if mark and mark_of(one) != mark]
    if not mark or len(left) < len(held):
        _set(by, left, key)


def _held(person_id: int) -> dict[str, str]:
    """Subscription by endpoint of each browser, in their order."""
    reach = reach_of(Rows(MAIN), person_id, CHANNEL)
    address = keys().open(reach.address) if reach is not None else None
    found = addresses_of(address) if address else []
    return {json.loads(one)["endpoint"]: one for one in found}


def _set(by: Actor, browsers: list[str], key: str) -> None:
    assert by.person_id is not None
    address = "[" + ", ".join(browsers) + "]" if browsers else None
    PartyActs(clock(), keys(), by).keyed(key).set_reach(by.person_id, CHANNEL, address)


def is_shared(request: HttpRequest) -> bool:
    """On a shared handset notices would reach whoever holds it next."""
    return bool(request.session.get(sessions.SHARED))


@signed_in
@require_POST
def push_on(request: HttpRequest) -> HttpResponse:
    """The page's script hands in what its browser made."""
    if is_shared(request):
        return JsonResponse({"error": _("共用手机上不能打开通知")}, status=403)
    try:
        said = request.POST
        turn_on(_self(request), said.get("subscription", ""), "", said.get("instead_of", ""))
    except BadInputError as error:
        return JsonResponse({"faults": [f.as_dict() for f in error.faults]}, status=422)
    return JsonResponse({"onward": request.path_info.rsplit("push", 1)[0]})


@signed_in
@require_POST
def push_off(request: HttpRequest) -> HttpResponse:
    """No more notices; works without a script."""
    turn_off(_self(request), "", request.POST.get("browser", ""))
    return redirect("me")


def _self(request: HttpRequest) -> Actor:
    return Actor(person_id=person_of(request), role="self", via="page")
