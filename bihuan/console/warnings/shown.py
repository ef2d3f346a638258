"""What of official warnings a person may see, and what was done about each."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from bihuan.journal.storage import MAIN
from bihuan.loop.callout import rights
from bihuan.loop.rights import cases_for
from bihuan.loop.warned.models import CaseWarning
from bihuan.loop.warned.words import issuer_of, level_of
from bihuan.register.rights import Rights
from bihuan.register.warnings.models import STANDING, OfficialWarning


def may_see(mine: Rights) -> bool:
    """Warnings are public words, but this list is the duty desk's: who sees call-outs sees it."""
    return bool(mine.paths(rights.CALL_OUT, "see"))


def order_of(row: OfficialWarning) -> dict[str, Any] | None:
    """What an order for this warning quotes, ready to be sent; None where it stands no more."""
    if row.state != STANDING:
        return None
    return {"warning_id": row.id, "issuer": issuer_of(row), "level": level_of(row)}


def seen(row: OfficialWarning, mine: Rights) -> dict[str, Any]:
    """Ids of its cases and call-outs that may be seen."""
    held = CaseWarning.objects.using(MAIN).filter(warning_id=row.id)
    cases = cases_for(mine).filter(id__in=held.values("case_id"))
    orders = rights.visible(mine)
    return {
        "cases": sorted(cases.values_list("id", flat=True)),
        "call_outs": sorted(orders.filter(warning_id=row.id).values_list("id", flat=True)),
    }


def order_address(row: OfficialWarning) -> str:
    """Where the desk's form is filled from this warning."""
    return f"{reverse('call_outs')}?warning={row.id}"
