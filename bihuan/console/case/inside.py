"""Who is inside a case: they see notes, papers, units and who held it; its origin sees the rest."""

from __future__ import annotations

from bihuan.journal.rows import Rows
from bihuan.journal.storage import MAIN
from bihuan.loop.models import Case
from bihuan.loop.playbook import playbook_of
from bihuan.loop.standing import role_for

OUTSIDE = ("family", "origin", "asked")


def is_inside(case: Case, person_id: int, now_us: int) -> bool:
    """Whether the person acts on the case by post or by an assignment."""
    roles = {role for act in playbook_of(case.playbook).acts for role in act.roles}
    inside = sorted(roles - set(OUTSIDE))
    return role_for(Rows(MAIN), case, person_id, inside, now_us) is not None


def may_review(case: Case, person_id: int, now_us: int) -> bool:
    """Whether the person may see statements and inquiries of others."""
    roles = playbook_of(case.playbook).roles_of("open_inquiry")
    return role_for(Rows(MAIN), case, person_id, roles, now_us) is not None
