"""Finding a person that a sheet names: by identity number, or by name and telephone."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from bihuan.base.errors import BadInputError, Fault
from bihuan.journal.keys import KeyRing
from bihuan.journal.storage import MAIN
from bihuan.register.holders import today_id
from bihuan.register.imports.kinds import Said, Work
from bihuan.register.models import Person
from bihuan.register.parties.blind import tokens_of
from bihuan.register.parties.models import BlindIndex
from bihuan.register.parties.numbers import resident_number
from bihuan.register.scheme import Field

AT_ONCE: Final = 400
NUMBER: Final = "identity_number"


def person_fields(prefix: str, title: str, english: str, *, is_required: bool) -> tuple[Field, ...]:
    """The three columns by which a sheet names a person: name, telephone, identity number."""
    return (
        Field(
            name=f"{prefix}name",
            title=(f"{title}姓名", f"{english} name"),
            kind="text",
            is_required=is_required,
        ),
        Field(name=f"{prefix}phone", title=(f"{title}电话", f"{english} phone"), kind="text"),
        Field(
            name=f"{prefix}{NUMBER}",
            title=(f"{title}身份证号", f"{english} identity number"),
            kind="text",
        ),
    )


def named(work: Work, said: Said, prefix: str = "person_") -> int:
    """The one registered person that a row names; BadInputError where it is none or several."""
    name, phone, number = (_text(said, f"{prefix}{n}") for n in ("name", "phone", NUMBER))
    found = alike(work, name, phone, checked_number(number, f"{prefix}{NUMBER}"))
    if not name and not number:
        raise BadInputError(Fault(f"{prefix}name", "nothing", "a person"))
    if not phone and not number:
        raise BadInputError(Fault(f"{prefix}phone", "nothing", "a telephone or identity number"))
    if len(found) == 1:
        return found[0]
    got = "nobody" if not found else f"{len(found)} persons"
    want = "one registered person of this name and number"
    raise BadInputError(Fault(f"{prefix}name", got, want))


def alike(work: Work, name: str | None, phone: str | None, number: str | None) -> list[int]:
    """Ids of the persons with this identity number, else with this name and telephone."""
    tokens = tokens_of(work.keys, name=name, phone=phone, number=number)
    by_number = _with(work, tokens.get("identity"))
    if by_number:
        return by_number
    near = [one for one in _with(work, tokens.get("name_phone")) if _is_phone(work, one, phone)]
    if number is not None:  # the same name and telephone, but another number: somebody else
        near = [one for one in near if not _has_number(one)]
    return near


def prepare(work: Work, said: Iterable[Said], *prefixes: str) -> None:
    """Look up every person that the rows name, some hundred at once."""
    wanted: set[str] = set()
    for one in said:
        for prefix in prefixes:
            name, phone, number = (_text(one, f"{prefix}{n}") for n in ("name", "phone", NUMBER))
            clean = number.strip().upper() if number else None
            tokens = tokens_of(work.keys, name=name, phone=phone, number=clean)
            wanted |= {tokens[kind] for kind in ("identity", "name_phone") if kind in tokens}
    known: dict[str, list[int]] = {token: [] for token in wanted}
    ordered = sorted(wanted)
    for n in range(0, len(ordered), AT_ONCE):
        held = BlindIndex.objects.using(MAIN).filter(token__in=ordered[n : n + AT_ONCE])
        for token, party in held.order_by("party_id").values_list("token", "party_id"):
            known[token].append(party)
    work.found["tokens"] = known


def checked_number(number: str | None, field: str) -> str | None:
    """An identity number with its check character right; the fault names the column."""
    if number is None:
        return None
    try:
        return resident_number(number)
    except BadInputError as error:
        raise BadInputError(*(Fault(field, f.got, f.want) for f in error.faults)) from None


def digits(keys: KeyRing, person: Person) -> str:
    """The digits of a person's telephone."""
    return "".join(c for c in keys.open(person.phone) or "" if c.isdigit())


def _with(work: Work, token: str | None) -> list[int]:
    if token is None:
        return []
    known = work.found.get("tokens")
    if known is not None and token in known:
        held = known[token]
    else:
        index = BlindIndex.objects.using(MAIN).filter(token=token).order_by("party_id")
        held = list(index.values_list("party_id", flat=True))
    return list(dict.fromkeys(today_id(work.rows, one) for one in held))


def _is_phone(work: Work, person_id: int, phone: str | None) -> bool:
    person = work.rows.get(Person, person_id)
    wanted = "".join(c for c in phone or "" if c.isdigit())
    return person is not None and digits(work.keys, person) == wanted


def _has_number(person_id: int) -> bool:
    return BlindIndex.objects.using(MAIN).filter(party_id=person_id, kind="identity").exists()


def _text(said: Said, name: str) -> str | None:
    got = said.get(name)
    return None if got is None else str(got)
