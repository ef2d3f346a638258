"""Entries of the navigation: shift, tasks, playbooks, administration. Who sees which, by verb.

verb  any: everybody signed in · duty: who holds a post or duty · lead: for the whole county ·
      tunes: who may set limits for the whole county ·
      system, security, audit: the administrators
"""

from __future__ import annotations

from typing import NamedTuple

from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from bihuan.console.limits.who import tuners
from bihuan.console.shift.places import paths_of
from bihuan.console.visit import person_of
from bihuan.register.accounts.offices import office_of


class Entry(NamedTuple):
    """One entry: its name for machines, its words, the address's name, who sees it, its icon."""

    name: str
    title: str | Promise
    url_name: str
    verb: str
    icon: str


ENTRIES = (
    Entry("shift", _("值班日志"), "shift", "duty", "pen-line"),
    Entry("handovers", _("交接班"), "handovers", "duty", "users"),
    Entry("reports", _("信息快报"), "reports", "duty", "file-text"),
    Entry("inbox", _("站内消息"), "inbox", "any", "bell"),
    Entry("field", _("现场"), "field", "any", "phone"),
    Entry("playbooks", _("办理流程"), "playbooks", "any", "footprints"),
    Entry("limits", _("时限和工作日"), "limits", "tunes", "calendar"),
    Entry("first_run", _("上线准备"), "first_run", "lead", "hand"),
    Entry("readiness", _("上线自检"), "readiness", "lead", "circle-check"),
    Entry("settings", _("系统设置"), "settings", "system", "lock"),
    Entry("office", _("系统管理"), "office", "office", "users"),
    Entry("audit", _("审计"), "audit", "audit", "history"),
)


def entries_for(request: HttpRequest) -> list[Entry]:
    """The entries that this person may open."""
    verbs = {"any"}
    office = office_of(person_of(request))
    if office:
        verbs |= {office, "office"}
    if office == "system":
        verbs.add("lead")
    paths = paths_of(request) if not office else frozenset()
    if paths:
        verbs.add("duty")
    if any(path.count(".") == 1 for _role, path in paths):
        verbs.add("lead")
    if "lead" in verbs and tuners(request):
        verbs.add("tunes")
    return [entry for entry in ENTRIES if entry.verb in verbs]
