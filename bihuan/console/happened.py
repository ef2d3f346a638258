"""What a line of a case says happened: the same words on every page."""

from __future__ import annotations

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from bihuan.console import words
from bihuan.console.shown import act_word, has_family
from bihuan.loop.playbook import playbook_of

# who reported something, or the firm it is about, is asked, and no family
OF_THE_ORIGIN: Final = {
    "asked_again": _("再次询问反映人"),
    "solved": _("反映人：解决了"),
    "not_solved": _("反映人：没解决，重新办理"),
}


def happened(kind: str, playbook: str, cause: str) -> str | Promise:
    """The word of a line: as its playbook titles the act, else the standard one.

    playbook  the name and version that the case pinned; cause  what opened the case
    """
    pinned = playbook_of(playbook)
    declared = next((act for act in pinned.acts if act.name == kind), None)
    if declared is not None and (declared.title is not None or kind not in words.HAPPENINGS):
        return act_word(declared.title, kind)
    if kind in OF_THE_ORIGIN and not has_family(pinned.scenario, cause):
        return OF_THE_ORIGIN[kind]
    return words.HAPPENINGS.get(kind, kind)
