"""The one-thumb acts of my tasks: each is an act of the loop, the rosters or the ledgers."""

from __future__ import annotations

from bihuan.console.home import clock, keys
from bihuan.journal.storage import MAIN
from bihuan.loop import answer
from bihuan.loop.act import Command, TakenError, act
from bihuan.loop.callout.mine import ASKED
from bihuan.loop.delivery.topics import waiting
from bihuan.loop.models import Delivery
from bihuan.loop.rang import last_rang
from bihuan.register import refusals
from bihuan.register.records.acts import Ledger
from bihuan.register.records.doing import By
from bihuan.register.rosters.acts import NotAskedError, Rosters, RosterTakenError

CALLS = ("go", "decline", "solved", "not_solved")
SWAPS = {"swap_yes": True, "swap_no": False}


class GoneError(Exception):
    """There is no such task for this person."""


def do(person_id: int, said: str, number: int, key: str, via: str = "page") -> None:
    """Do it. Raises GoneError, TakenError, ForbiddenError, BadInputError, ParkedError."""
    if said in CALLS:
        _answer(person_id, said, number)
    elif said in SWAPS:
        _swap(person_id, number, is_accepted=SWAPS[said])
    elif said == "progress":
        act(Command(said, number, person_id, via, key or f"task-{number}"), clock(), keys())
    elif said == "second":
        _second(person_id, number, via, key)
    else:
        raise GoneError


def _answer(person_id: int, said: str, number: int) -> None:
    call = Delivery.objects.using(MAIN).filter(id=number, person_id=person_id).first()
    if call is not None and call.purpose in ASKED:
        _answer_order(call, said)
        return
    if call is None or call.purpose != ("call" if said in ("go", "decline") else "ask"):
        raise GoneError
    if said == "go":
        answer.confirm(call.id, person_id, clock(), keys())
    elif said == "decline":
        answer.tell(call.id, person_id, "declined", clock())
    else:
        command = Command(said, call.case_id, person_id, "page", f"ask-{call.id}")
        act(command, clock(), keys())


def _answer_order(call: Delivery, said: str) -> None:
    """An order of a call-out: the page has said its words, so a "no" is one that was heard."""
    if said not in ("go", "decline"):
        raise GoneError
    if said == "go" and call.state == "confirmed":
        return  # said before
    if call.id not in waiting([call]):
        raise TakenError(None, None, call.state)
    if said == "go":
        answer.confirm(call.id, call.person_id, clock(), keys())
        return
    answer.tell(call.id, call.person_id, "answered", clock())
    answer.tell(call.id, call.person_id, "declined", clock())


def _swap(person_id: int, number: int, *, is_accepted: bool) -> None:
    rosters = Rosters(clock(), last_rang)
    try:
        rosters.answer_swap(number, person_id, is_accepted=is_accepted)
    except NotAskedError:
        raise GoneError from None
    except RosterTakenError as error:
        raise TakenError(None, None, str(error)) from None


def _second(person_id: int, number: int, via: str, key: str) -> None:
    by = By(person_id, via, key or f"task-{number}")
    try:
        Ledger(clock(), keys()).confirm(number, by)
    except refusals.ForbiddenError:
        raise GoneError from None
    except refusals.TakenError as error:
        raise TakenError(None, None, str(error)) from None
