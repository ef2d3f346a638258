"""Who may order, see and answer for call-outs: posts and duties in the line of command."""

from __future__ import annotations

from django.db.models import QuerySet

from bihuan.journal.storage import MAIN
from bihuan.loop.callout.models import CallOut
from bihuan.register.areas.spans import path_today
from bihuan.register.rights import Rights, Verb, areas_under, grant

CALL_OUT = "call_out"
# the county and the towns order for what lies below them; a village sees and answers
ORDERING = ("town_duty", "county_command")
grant(CALL_OUT, "county_command", ("see", "open", "act", "edit", "export"))
grant(CALL_OUT, "town_duty", ("see", "open", "act", "export"))
grant(CALL_OUT, "village_duty", ("see", "open"))


def may(rights: Rights, verb: Verb, path: str) -> bool:
    """Whether the verb is allowed for a call-out at this area's path, as it lies today."""
    return rights.may(CALL_OUT, verb, path_today(path))


def visible(rights: Rights) -> QuerySet[CallOut]:
    """Every call-out that may be seen whole: those of areas in one's subtrees."""
    areas = areas_under(rights.paths(CALL_OUT, "see"))
    return CallOut.objects.using(MAIN).filter(area_id__in=areas)
