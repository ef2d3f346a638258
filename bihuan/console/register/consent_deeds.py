"""Taking and withdrawing consents on the page of the subject whose person it is.

Whoever edits the subject writes down what was said; who acts for the person (the guardian of a
consent) and the person may take it back themselves. What a withdrawal stops, it stops at once.
"""

from __future__ import annotations

from typing import Any

from bihuan.console.home import clock, keys
from bihuan.console.people import People
from bihuan.console.register.deeds import Deed
from bihuan.console.register.reach import Reach
from bihuan.console.register.wording import purpose, word
from bihuan.journal.storage import MAIN
from bihuan.register import schemes
from bihuan.register.consents.acts import Consents, NewConsent
from bihuan.register.consents.effect import stands
from bihuan.register.consents.models import Consent
from bihuan.register.models import Contact, Subject
from bihuan.register.records.lists import may_edit
from bihuan.register.records.rows import Row
from bihuan.register.scheme import Field, Words

STOPS: Words = (
    "立即停止：不再保存新的数据，亲属看不到，也不再发送；呼救照常有人管。",
    "Stops at once: no new data is kept, relatives see and are sent nothing; an SOS calls as ever.",
)
GIVEN_BY = (("self", ("本人", "The person")), ("guardian", ("监护人", "The guardian")))


def consent_deeds(reach: Reach, row: Row) -> list[Deed]:
    """Giving a consent and taking one back, where this person may."""
    if not isinstance(row, Subject) or row.person_id is None or not _purposes(row):
        return []
    is_office = may_edit(row, reach.person_id, reach.now_us)
    mine = {row.person_id}
    held = [
        one
        for one in Consent.objects.using(MAIN).filter(person_id=row.person_id).order_by("id")
        if stands(one, reach.now_us) and (is_office or reach.person_id in {*mine, one.guardian_id})
    ]
    found = [_giving(row), _declining(row)] if is_office else []
    return [*found, _withdrawing(held)] if held else found


def ended(consent: Consent) -> Words:
    """How it ended: taken back, or never given."""
    is_declined = consent.withdrawn_us == consent.given_us
    return ("不同意", "Does not agree") if is_declined else ("已撤回", "Withdrawn")


def _purposes(row: Subject) -> tuple[str, ...]:
    declared = schemes.subject_type(row.scenario, row.kind)
    return declared.purposes if declared is not None else ()


def _giving(row: Subject) -> Deed:
    contacts = Contact.objects.using(MAIN).filter(subject_id=row.id).order_by("rank", "id")
    near = list(dict.fromkeys(one.person_id for one in contacts))

    def give(by: Any, said: dict[str, Any]) -> int:
        whom = said.get("family")
        assert row.person_id is not None
        new = NewConsent(
            person_id=row.person_id,
            purpose=said["purpose"],
            notice=said["notice"],
            given_by=said["given_by"],
            guardian_id=said.get("guardian_id"),
            document=said.get("document"),
            scope=(str(whom),) if whom and said["purpose"] == "family_view" else (),
            until_us=said.get("until_us"),
        )
        return Consents(clock(), keys()).give(new, by)

    return Deed(
        "consent_give",
        ("登记同意", "Note a consent"),
        give,
        _fields(row, near),
        held={"given_by": "self"},
        icon="circle-check",
        key_id=row.key_id,
        note=word(
            (
                "先当面读告知书，再登记；不同意不影响呼救。监护人代为同意，要附监护证明照片。",
                "Read the notice to them first; saying no changes nothing about an SOS. A guardian"
                " who agrees shows the paper that makes them one.",
            )
        ),
    )


def _declining(row: Subject) -> Deed:
    def decline(by: Any, said: dict[str, Any]) -> int:
        assert row.person_id is not None
        new = NewConsent(person_id=row.person_id, purpose=said["purpose"], notice=said["notice"])
        return Consents(clock(), keys()).decline(new, by)

    return Deed(
        "consent_decline",
        ("登记不同意", "Note that they do not agree"),
        decline,
        _fields(row, [])[:2],
        icon="circle-slash",
        note=word(
            (
                "只要呼救的人：不同意定位、体征，从现在起这些都不保存；呼救照常有人管。",
                "Who wants the call for help alone: no position, no signs are kept from now on;"
                " an SOS calls as ever.",
            )
        ),
    )


def _fields(row: Subject, near: list[int]) -> tuple[Field, ...]:
    people = People(keys(), near)
    whom = tuple((str(one), (people.name(one), people.name(one))) for one in near)
    fields = [
        _choice(
            "purpose", ("用途", "Purpose"), tuple((p, purpose(p)) for p in _purposes(row)), "must"
        ),
        Field(
            name="notice",
            title=("读的是哪一版告知书", "Version of the notice that was read"),
            kind="text",
            is_required=True,
        ),
        _choice("given_by", ("谁同意的", "Who agreed"), GIVEN_BY, "must"),
        Field(name="guardian_id", title=("监护人", "Guardian"), kind="party", of="person"),
        Field(name="document", title=("监护证明照片", "Photo of the paper"), kind="photo"),
        Field(name="until_us", title=("到何时为止", "Until"), kind="time"),
    ]
    if whom:
        title = ("家属查看：只给谁看（不选为全部家属）", "For relatives: whom alone (none: all)")
        fields.append(_choice("family", title, whom, ""))
    return tuple(fields)


def _choice(name: str, title: Words, choices: tuple[tuple[str, Words], ...], must: str) -> Field:
    return Field(name=name, title=title, kind="choice", choices=choices, is_required=bool(must))


def _withdrawing(held: list[Consent]) -> Deed:
    consents = Consents(clock(), keys())
    choices = tuple((str(one.id), purpose(one.purpose)) for one in held)
    return Deed(
        "consent_withdraw",
        ("撤回同意", "Withdraw a consent"),
        lambda by, said: consents.withdraw(int(said["consent"]), by),
        (_choice("consent", ("哪一项", "Which"), choices, "must"),),
        icon="circle-slash",
        note=word(STOPS),
    )
