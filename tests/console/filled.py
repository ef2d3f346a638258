"""A county in which each address of the site has something to show."""

from __future__ import annotations

from django.core.files.uploadedfile import SimpleUploadedFile

from bihuan.base.time import HOUR_US
from bihuan.loop.models import Proof
from bihuan.loop.shift.acts import Shifts
from bihuan.register.entries import Actor
from bihuan.register.imports.models import Staged
from tests.console.place import Place
from tests.console.test_acts import photo
from tests.register.imports.sheets import as_csv


def fill(place: Place) -> dict[str, str]:
    """One case with a photo, reported and being asked about; what the matrix is filled with."""
    case_id = place.hold_key()
    client = place.client("village")
    client.post(f"/cases/{case_id}/act", {"act": "take", "key": "a"})
    said = {"act": "report", "key": "b", "text": "人没事", "photo": photo()}
    client.post(f"/cases/{case_id}/act", said)
    empty = as_csv([["对象姓名", "区划代码"], ["", ""]])
    handed_in = SimpleUploadedFile("a.csv", empty)
    place.client("village").post("/sheets/elder_care.elder/in", {"file": handed_in})
    return {
        "staged": str(Staged.objects.get().id),
        "case": str(case_id),
        "digest": str(Proof.objects.get(case_id=case_id).digest),
        "phone": place.phone("village"),
        "subject": str(place.people.subject),
        "device": str(place.people.device),
        "village": str(place.people.village),
        "elder": str(place.people.elder),
        "call": str(place.call_of("village").id),
        **sheets(place, case_id),
    }


def sheets(place: Place, case_id: int) -> dict[str, str]:
    """A handover of the county that its own command offered, and a report of the case."""
    shifts, now_us = Shifts(place.clock, place.keys), place.clock.now_us()
    by = Actor(person_id=place.people.commander, role="county_command", via="page")
    offered = shifts.offer(place.people.county, (now_us - HOUR_US, now_us), "平安", by)
    signed = shifts.sign_report(case_id, "first", "快报", by)
    return {"handover": str(offered), "report": str(signed)}
