"""What may be done to a row now: its type's acts, a second person's word, corrections, holds."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.db.models import Q

from bihuan.console.home import clock, keys
from bihuan.console.near.given import near_deeds
from bihuan.console.register import wording
from bihuan.console.register.cells import Names, Wanted
from bihuan.console.register.consent_deeds import consent_deeds
from bihuan.console.register.deeds import Deed
from bihuan.console.register.moments import today
from bihuan.console.register.reach import Reach
from bihuan.console.register.wording import word
from bihuan.journal.storage import MAIN
from bihuan.register import schemes
from bihuan.register.models import Contact
from bihuan.register.records.acts import By, Ledger
from bihuan.register.records.lists import Offered, may_edit, offered, proposed
from bihuan.register.records.models import Hold, Period, Proposal, Record
from bihuan.register.records.rows import Row, RowType
from bihuan.register.scheme import Field, RecordType, Words
from bihuan.register.subjects.acts import Subjects
from bihuan.register.subjects.contacts import Contacts

REASON = Field(name="reason", title=("理由", "Reason"), kind="text", is_sealed=True)
CAUSE = Field(
    name="cause",
    title=("留置原因（不写姓名）", "Cause (no names)"),
    kind="text",
    is_required=True,
    want=("1 到 64 个字", "1 to 64 characters"),
)
AREA = Field(name="area", title=("迁到", "Moves to"), kind="area", is_required=True)
ENDINGS = (
    ("moved_away", ("迁出", "Moved away")),
    ("died", ("去世", "Died")),
    ("closed", ("停办", "Closed")),
    ("left", ("退出服务", "Left the service")),
    ("mistake", ("登记有误", "Registered by mistake")),
)
ENDED = (
    Field(
        name="reason", title=("原因", "Reason"), kind="choice", choices=ENDINGS, is_required=True
    ),
    Field(name="on", title=("从何时起", "Since"), kind="time", is_required=True),
)


CONTACT = (
    Field(name="person", title=("人员", "Person"), kind="party", of="person", is_required=True),
    Field(
        name="relation",
        title=("关系", "Relation"),
        kind="text",
        is_required=True,
        pattern=r"[a-z][a-z_]{0,31}|[\u3400-\u9fff]{1,8}",
        want=("如女儿、联络员，或小写英文", "one Chinese word, or small letters as in daughter"),
    ),
    Field(name="rank", title=("顺序", "Order"), kind="integer", at_least=0, at_most=99),
)


def deeds_of(reach: Reach, row: Row, declared: RowType, values: dict[str, Any]) -> list[Deed]:
    """Everything that this person may do to the row now; a deed's key is the page's."""
    if getattr(row, "ended_us", None) is not None:
        return []
    found = []
    for n, one in enumerate(offered(row, reach.person_id, reach.now_us)):
        found += _offered(row, one, values, is_first=n == 0)
    if may_edit(row, reach.person_id, reach.now_us):
        found += _edited(reach, row, declared, values)
    found += consent_deeds(reach, row)
    found += _signing(reach, row)
    if reach.key is not None:
        found = [deed for deed in found if reach.key.may(deed.name)]
    return found


def _offered(row: Row, one: Offered, values: dict[str, Any], *, is_first: bool) -> list[Deed]:
    if one.proposal_id is not None:
        return _second(row, one, one.proposal_id)
    act = one.act
    own = {field.name: values.get(field.name) for field in act.fields}
    note = (
        word(("需要另一人确认才生效", "Holds once a second person confirms")) if act.second else ""
    )

    def do(by: By, said: dict[str, Any]) -> int:
        return Ledger(clock(), keys()).act(row.id, act.name, said, by)

    return [
        Deed(
            act.name,
            act.title,
            do,
            act.fields,
            held=own,
            icon="clipboard-check",
            is_main=is_first,
            note=note,
            scenario=row.scenario,
            key_id=row.id if not isinstance(row, Record) else row.subject_id or row.id,
            judges=True,
            one_tap=act.one_tap,
        )
    ]


def _second(row: Row, one: Offered, proposal_id: int) -> list[Deed]:
    ledger = Ledger(clock(), keys())
    waiting = Proposal.objects.using(MAIN).get(id=proposal_id)
    said, wanted = proposed(proposal_id, keys()), Wanted()
    wanted.people |= {waiting.by_id} if waiting.by_id else set()
    for field in one.act.fields:
        wanted.value(field, said.get(field.name))
    names = Names(wanted, masked=False)
    parts = [
        f"{word(f.title)} {names.value(f, said.get(f.name)).text}"
        for f in one.act.fields
        if said.get(f.name) is not None
    ]
    who = names.official(waiting.by_id) or wording.role("system")
    note = "；".join([word(("{} 提出", "Proposed by {}")).format(who), *parts])
    title = one.act.title
    yes = _of(("确认：{}", "Confirm: {}"), title)
    no = _of(("不同意：{}", "Decline: {}"), title)
    why = replace(REASON, is_required=True)
    return [
        Deed(
            f"confirm-{proposal_id}",
            yes,
            lambda by, _said: ledger.confirm(proposal_id, by),
            icon="circle-check",
            is_main=True,
            note=note,
        ),
        Deed(
            f"decline-{proposal_id}",
            no,
            lambda by, said: ledger.decline(proposal_id, said["reason"], by),
            (why,),
            icon="circle-slash",
        ),
    ]


def _edited(reach: Reach, row: Row, declared: RowType, values: dict[str, Any]) -> list[Deed]:
    ledger, version = Ledger(clock(), keys()), row.version
    found = []
    fields = tuple(one for one in declared.fields if one.kind != "photo")
    if fields and not (isinstance(declared, RecordType) and declared.is_immutable):

        def correct(by: By, said: dict[str, Any]) -> int:
            reason = said.pop("_reason", None) or ""
            seen = int(said.pop("_seen", version))
            changed = {n: v for n, v in said.items() if v != values.get(n)}
            return ledger.correct(row.id, changed, by, reason=str(reason), seen=seen)

        why = replace(REASON, name="_reason")
        correction = Deed(
            "correct", ("更正", "Correct"), correct, (*fields, why), held=values, icon="pen-line"
        )
        found.append(replace(correction, scenario=row.scenario, judges=True))
    hold = Deed(
        "hold",
        ("留置", "Hold"),
        lambda by, said: ledger.hold(row.id, said["cause"], by),
        (CAUSE,),
        icon="lock",
        note=word(("留置期间不办结、不销毁", "Neither closed nor erased meanwhile")),
    )
    found.append(hold)
    found += [
        Deed(
            f"free-{held.id}",
            ("解除留置", "Lift the hold"),
            lambda by, _said, hold_id=held.id: ledger.free(hold_id, row.id, by),  # type: ignore[misc]
            icon="rotate-ccw",
            note=held.cause,
        )
        for held in Hold.objects.using(MAIN).filter(
            Q(until_us=None) | Q(until_us__gt=reach.now_us), row_id=row.id
        )
    ]
    about = () if isinstance(row, Record) else (_moved(reach, row), near_deeds(row), _contacts(row))
    return [*found, *(deed for deeds in about for deed in deeds)]


def _contacts(row: Row) -> list[Deed]:
    """Naming who is asked about a subject, and ending it."""
    contacts = Contacts(clock(), keys())
    held = list(Contact.objects.using(MAIN).filter(subject_id=row.id).order_by("rank", "id"))
    names = Names(Wanted(), masked=False) if not held else _named(held)
    naming = Deed(
        "contact",
        ("指定联系人", "Name a contact"),
        lambda by, said: contacts.name(
            row.id, said["person"], said["relation"], by, said["rank"] or 0
        ),
        CONTACT,
        icon="users",
    )
    return [
        naming,
        *(
            Deed(
                f"contact-end-{one.id}",
                ("取消联系人", "End the contact"),
                lambda by, _said, contact_id=one.id: contacts.end(contact_id, by),  # type: ignore[misc]
                icon="circle-slash",
                note=names.person(one.person_id),
            )
            for one in held
        ),
    ]


def _named(held: list[Contact]) -> Names:
    wanted = Wanted()
    wanted.people |= {one.person_id for one in held}
    return Names(wanted, masked=False)


def _end_name(row: Row) -> str:
    """Not the name of a scenario's own act (the end of a response): that is another one."""
    declared = schemes.subject_type(row.scenario, row.kind)
    acts = declared.acts if declared is not None else ()
    return "end_service" if any(act.name == "end" for act in acts) else "end"


def _moved(reach: Reach, row: Row) -> list[Deed]:
    subjects = Subjects(clock(), keys())
    return [
        Deed(
            "move",
            ("迁到别的区域", "Move to another area"),
            lambda by, said: subjects.move(row.id, said["area"], by),
            (AREA,),
            held={"area": row.area_id},
            icon="map-pin",
        ),
        Deed(
            _end_name(row),
            ("停止服务", "End"),
            lambda by, said: subjects.end(row.id, said["reason"], said["on"], by),
            ENDED,
            held={"on": reach.now_us},
            icon="circle-slash",
        ),
    ]


def _signing(reach: Reach, row: Row) -> list[Deed]:
    """The oldest period of each routine that waits for this person's signature."""
    if isinstance(row, Record):
        return []
    found = []
    begun, ledger = str(today(reach.now_us)), Ledger(clock(), keys())
    open_ = Period.objects.using(MAIN).filter(
        subject_id=row.id, state__in=("waiting", "missed"), starts__lte=begun
    )
    for routine in schemes.routines_of(row.scenario, row.kind):
        periods = [one for one in open_.order_by("starts") if one.routine == routine.name]
        if not periods or not reach.rights.roles() & set(routine.roles):
            continue
        period = periods[0]
        declared = schemes.record_type(row.scenario, routine.record)
        fields = declared.fields if declared is not None else ()
        title = (f"{routine.title[0]} {period.starts}", f"{routine.title[1]} {period.starts}")
        sign = Deed(
            f"sign-{period.id}",
            title,
            lambda by, said, at=period.id: ledger.sign(at, said, by),  # type: ignore[misc]
            tuple(one for one in fields if one.kind != "photo"),
            icon="pen-line",
            is_main=period.state == "waiting",
        )
        found.append(replace(sign, scenario=row.scenario, judges=True))
    return found


def _of(words: Words, title: Words) -> Words:
    return words[0].format(title[0]), words[1].format(title[1])
