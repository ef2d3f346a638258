"""What a request may see and keep of the register: roles of the scenario × areas below the post.

Whoever a scenario lets act, edit or answer for a row sees the rows of that scenario below the
area of the post; a relative sees the subject's own page where the person agreed to it. The
register itself (areas, parties, organisations, devices, rosters) is seen by everybody in a post
and kept by the roles that hold `edit` or `act` on `register`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Final

from django.db.models import Q
from django.http import Http404, HttpRequest

from bihuan.console.entries import RowViewed
from bihuan.console.home import clock
from bihuan.console.visit import key_behind, person_of, rights_of
from bihuan.journal.append import Appender
from bihuan.journal.models import VIEWS_LANE
from bihuan.journal.rows import Rows
from bihuan.journal.storage import MAIN
from bihuan.loop.act import ForbiddenError
from bihuan.loop.scenario import installed
from bihuan.register import schemes
from bihuan.register.accounts.offices import office_of
from bihuan.register.consents.acts import family_may_see
from bihuan.register.entries import Actor
from bihuan.register.models import Area, Subject
from bihuan.register.records.rows import Row, RowType, row_of, subject_of
from bihuan.register.rights import Rights, Verb, for_user, grant, granted
from bihuan.register.scheme import Scheme

REGISTER: Final = "register"
# edit: areas, parties, organisations, posts · act: devices, rosters
for _role, _verbs in (
    ("registrar", ("see", "open", "act", "edit", "export")),
    ("county_command", ("see", "open", "act", "edit", "export")),
    ("town_duty", ("see", "open", "act")),
):
    grant(REGISTER, _role, _verbs)  # type: ignore[arg-type]  # each is one of VERBS


class Reach:
    """One request's rights, read once."""

    def __init__(self, request: HttpRequest) -> None:
        self.person_id, self.now_us = person_of(request), clock().now_us()
        self.key = key_behind(request)
        self.office = office_of(self.person_id)
        # an administrator sees no business data
        self.rights: Rights = for_user(None, self.now_us) if self.office else rights_of(request)
        self._own: dict[str, frozenset[int]] = {}

    def paths(self, scenario: str) -> list[str]:
        """Paths below which rows of a scenario are seen; none for a stranger."""
        if not self.rights.reaches(scenario):
            return []
        roles = roles_of(scenario)
        return self._narrowed(
            path
            for role, path in self.rights.held
            if role in roles or "see" in granted(scenario, role)
        )

    def paths_as(self, scenario: str, roles: Collection[str]) -> list[str]:
        """Paths of the areas for which one of these roles is held."""
        if not self.rights.reaches(scenario):
            return []
        return self._narrowed(path for role, path in self.rights.held if role in roles)

    def areas(self) -> list[str]:
        """Paths of the areas that this person's posts are for; none of a key for other things."""
        if not self.rights.reaches(REGISTER):
            return []
        return self._narrowed(path for _role, path in self.rights.held)

    def may_keep(self, path: str, verb: Verb = "edit") -> bool:
        """Whether things of the register at a path may be changed."""
        if self.key is not None and not self.key.may(verb):
            return False
        return any(path.startswith(above) for above in self._kept(verb))

    def may_keep_some(self, verb: Verb = "edit") -> bool:
        """The same, anywhere."""
        return bool(self._kept(verb))

    @property
    def is_official(self) -> bool:
        """Whether the person holds any post or duty: who may look at the register itself.

        A key that was cut to scenarios may not, unless `register` is one of them.
        """
        return bool(self.rights.held) and self.rights.reaches(REGISTER)

    @property
    def keeps_areas(self) -> bool:
        """Whoever keeps the register, and the system administrator: a new county has no posts."""
        return self.office == "system" or self.may_keep_some()

    @property
    def keeps_everything(self) -> bool:
        """The same for the whole county: a list of codes may touch any area."""
        roots = Area.objects.using(MAIN).filter(parent_id=None, until_us=None)
        paths = list(roots.values_list("path", flat=True))
        return self.office == "system" or (bool(paths) and all(map(self.may_keep, paths)))

    def role_at(self, path: str, verb: Verb) -> str:
        """In which role something of the register is changed. Raises ForbiddenError."""
        held = self.rights.held if self.rights.reaches(REGISTER) else ()
        for role, above in sorted(held):
            if (path.startswith(above) or (not path and self.keeps_everything)) and verb in granted(
                REGISTER, role
            ):
                return role
        if self.office == "system":
            return "system_administrator"
        raise ForbiddenError

    def actor(self, path: str, verb: Verb = "edit") -> Actor:
        """Who changes the register at a path, for its history. Raises ForbiddenError."""
        via = "page" if self.key is None else "api"
        return Actor(person_id=self.person_id, role=self.role_at(path, verb), via=via)

    def may_see(self, row: Row) -> bool:
        """Whether this row's page opens."""
        where = path_of(row.area_id) or "?"
        if any(where.startswith(above) for above in self.paths(row.scenario)):
            return True
        return self._is_near(subject_of(row), row.scenario)

    def own(self, scenario: str) -> frozenset[int]:
        """Subjects that are seen without any post: of whom the person is a contact, or oneself.

        A key of another system opens those of a firm or thing, never of a person.
        """
        if scenario not in self._own:
            self._own[scenario] = self._own_of(scenario)
        return self._own[scenario]

    def _own_of(self, scenario: str) -> frozenset[int]:
        if self.rights.held and not self.rights.family:
            return frozenset()  # somebody in a post who is nobody's contact: no query
        is_near = Q(id__in=self.rights.family) | Q(person_id=self.person_id)
        wanted = Subject.objects.using(MAIN).filter(is_near, scenario=scenario, ended_us=None)
        found = wanted.values_list("id", flat=True)
        return frozenset(one for one in found if self._is_near(one, scenario))

    def _is_near(self, subject_id: int | None, scenario: str) -> bool:
        subject = Subject.objects.using(MAIN).filter(id=subject_id or 0).first()
        if subject is None or self.office or not self._is_keyed(subject, scenario):
            return False
        is_relative = subject_id in self.rights.family and "family" in roles_of(scenario)
        if subject.person_id is None:  # of a firm or a thing: nobody's consent stands between
            return is_relative
        if subject.person_id == self.person_id:
            return True
        args = (Rows(MAIN), subject.person_id, self.person_id, self.now_us)
        return is_relative and family_may_see(*args)

    def _is_keyed(self, subject: Subject, scenario: str) -> bool:
        """Whether the key by which the request came, if any, reaches the subject."""
        if self.key is None:
            return True
        return subject.person_id is None and self.holds(scenario, subject.area_id)

    def holds(self, scenario: str, area_id: int | None) -> bool:
        """Whether the key by which the request came, if any, reaches a scenario in an area."""
        below = self.rights.below
        is_inside = not below or (path_of(area_id) or "?").startswith(below)
        return is_inside and self.rights.reaches(scenario)

    def _kept(self, verb: Verb) -> list[str]:
        held = self.rights.held if self.rights.reaches(REGISTER) else ()
        return self._narrowed(p for role, p in held if verb in granted(REGISTER, role))

    def _narrowed(self, found: Iterator[str]) -> list[str]:
        """The widest paths."""
        widest: list[str] = []
        for path in sorted(set(found)):
            if not any(path.startswith(above) for above in widest):
                widest.append(path)
        return widest


def roles_of(scenario: str) -> frozenset[str]:
    """Every role that a scenario lets act, edit or answer."""
    roles = set(_of_scheme(schemes.installed().get(scenario)))
    declared = installed().get(scenario)
    for playbook in declared.playbooks if declared is not None else ():
        roles |= {role for act in playbook.acts for role in act.roles}
    return frozenset(roles)


def _of_scheme(scheme: Scheme | None) -> Iterator[str]:
    if scheme is None:
        return
    for roles in (scheme.editors or {}).values():
        yield from roles
    types: list[RowType] = [*scheme.subjects, *scheme.records]
    for declared in types:
        for act in declared.acts:
            yield from (*act.roles, *act.second)
        for duty in declared.duties:
            yield from duty.roles
    for routine in scheme.routines:
        yield from routine.roles


def row_or_404(reach: Reach, row_id: int) -> Row:
    """The row; a stranger cannot tell a foreign one from none."""
    row = row_of(Rows(MAIN), row_id)
    if row is None or getattr(row, "is_erased", False) or not reach.may_see(row):
        raise Http404
    return row


def inside(paths: Sequence[str], field: str = "path") -> Q:
    """A filter of what lies below one of these paths; without any it finds nothing."""
    wanted = Q(pk__in=())
    for path in paths:
        wanted |= Q(**{f"{field}__startswith": path})
    return wanted


def path_of(area_id: int | None) -> str:
    """An area's path; empty where there is none."""
    found = Area.objects.using(MAIN).filter(id=area_id or 0).values_list("path", flat=True)
    return found.first() or ""


Opened = tuple[str, int, int | None]  # noun, id, and whom it tells about: the subject or party


def log_row(reach: Reach, noun: str, row_id: int, about: int | None) -> None:
    """Record that a person opened what tells about somebody. about: the subject or party."""
    log_rows(reach, [(noun, row_id, about)], "page" if reach.key is None else "api")


def log_rows(reach: Reach, opened: Sequence[Opened], purpose: str) -> None:
    """The same of many at once. purpose: page, api, form (sent back), choosing, duplicates."""
    if not opened:
        return
    with Appender(VIEWS_LANE, clock()) as lane:
        for noun, row_id, about in opened:
            lane.append(
                RowViewed(
                    noun=noun, row_id=row_id, about=about, by=reach.person_id, purpose=purpose
                )
            )


def official_or_404(request: HttpRequest) -> Reach:
    """The rights of somebody in a post; everybody else is told that there is no such page."""
    reach = Reach(request)
    if not (reach.is_official or reach.keeps_areas):
        raise Http404
    return reach


__all__ = [
    "REGISTER",
    "Opened",
    "Reach",
    "inside",
    "log_row",
    "log_rows",
    "official_or_404",
    "path_of",
    "row_or_404",
]
