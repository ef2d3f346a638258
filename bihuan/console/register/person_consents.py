"""同意 / Consents on a person's page: noted, by the person or a guardian, and taken back."""

from __future__ import annotations

from typing import Any

from bihuan.console.home import clock, keys
from bihuan.console.register.deeds import Deed
from bihuan.console.register.reach import Reach
from bihuan.console.register.wording import purpose, word
from bihuan.journal.storage import MAIN
from bihuan.register.consents.acts import Consents, NewConsent, purposes
from bihuan.register.consents.models import Consent
from bihuan.register.parties.models import Party
from bihuan.register.records.acts import By
from bihuan.register.scheme import Field

NOTICE = Field(
    name="notice", title=("告知书版本", "Version of the notice"), kind="text", is_required=True
)
GUARDIAN = Field(
    name="guardian_id",
    title=("监护人（本人同意的不填）", "Guardian (empty where the person agrees)"),
    kind="party",
    of="person",
)
DOCUMENT = Field(name="document", title=("监护证明照片", "Photo of the proof"), kind="photo")
UNTIL = Field(name="until_us", title=("有效期到", "Until"), kind="time")


def deeds_of(_reach: Reach, party: Party) -> list[Deed]:
    """Noting a consent, and taking back each that stands. Who may keep the person may do both."""
    choices = tuple((one, purpose(one)) for one in sorted(purposes()))
    asked = Field(
        name="purpose", title=("用途", "Purpose"), kind="choice", choices=choices, is_required=True
    )
    standing = Consent.objects.using(MAIN).filter(person_id=party.id, withdrawn_us=None)
    giving = Deed(
        "consent",
        ("登记同意", "Note a consent"),
        lambda by, said: _give(party, by, said),
        (asked, NOTICE, GUARDIAN, DOCUMENT, UNTIL),
        icon="circle-check",
        key_id=party.id,
    )
    return [giving, *(_withdrawing(one) for one in standing.order_by("id"))]


def _give(party: Party, by: By, said: dict[str, Any]) -> int:
    guardian = said["guardian_id"]
    new = NewConsent(
        person_id=party.id,
        purpose=said["purpose"],
        notice=said["notice"],
        given_by="self" if guardian is None else "guardian",
        guardian_id=guardian,
        document=said["document"],
        until_us=said["until_us"],
    )
    return Consents(clock(), keys()).give(new, by)


def _withdrawing(consent: Consent) -> Deed:
    def withdraw(by: By, _said: dict[str, Any]) -> None:
        Consents(clock(), keys()).withdraw(consent.id, by)

    return Deed(
        f"withdraw-{consent.id}",
        ("撤回同意", "Take the consent back"),
        withdraw,
        icon="circle-slash",
        note=f"{word(purpose(consent.purpose))} · {consent.notice}",
        one_tap=False,
    )
