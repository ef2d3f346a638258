"""Rights: post × area subtree × scenario × verb. One `for_user()` for pages, API, exports, search
and the live feed.

A scenario grants verbs to roles; a person holds roles for areas by post, duty or roster; what is
held for an area holds for everything below it. Relatives have no post: they may see and act on
their own subjects only, and which verbs that means is granted to the role `family`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, Literal, get_args

from django.db.models import Exists, Q, Subquery

from bihuan.base.errors import bad
from bihuan.journal.storage import MAIN
from bihuan.register.accounts.offices import holds_no_office
from bihuan.register.consents.effect import hidden_from
from bihuan.register.models import Area, Contact, Duty, Person, Post, Subject
from bihuan.register.parties.models import Party
from bihuan.register.rosters.now import duties_now

Verb = Literal["see", "open", "act", "edit", "tune", "export", "review", "unseal"]
"""see: lists, masked · open: the whole row, each view logged · act, edit, export as they say ·
tune: set limits of rules · review: open an inquiry · unseal: read who a sealed whistle-blower is.
"""
VERBS: Final[tuple[Verb, ...]] = get_args(Verb)
EVERY_SCENARIO: Final = "*"
FAMILY: Final = "family"
REGISTER: Final = "register"  # the pseudo-scenario of what no scenario owns: areas, people, posts
REGISTRAR: Final = "registrar"  # 登记员: keeps the register of an area and what lies in it

_grants: dict[tuple[str, str], frozenset[Verb]] = {}


def grant(scenario: str, role: str, verbs: Iterable[Verb]) -> None:
    """Let a role do these verbs in a scenario (`*` = in every one), besides what it may already."""
    wanted = frozenset(verbs)
    for verb in wanted:
        if verb not in VERBS:
            raise bad(f"{scenario}.grants.{role}", verb, " or ".join(VERBS))
    _grants[scenario, role] = _grants.get((scenario, role), frozenset()) | wanted


def granted(scenario: str, role: str) -> frozenset[Verb]:
    """What a role may do in a scenario."""
    own = _grants.get((scenario, role), frozenset())
    return own | _grants.get((EVERY_SCENARIO, role), frozenset())


def all_grants() -> Mapping[tuple[str, str], frozenset[Verb]]:
    """Every grant: (scenario, role) → verbs. For the matrix of rights and its page."""
    return dict(_grants)


@dataclass(frozen=True, slots=True)
class Rights:
    """What one person may do at one moment.

    held       (role, path of the area) of every post and duty
    family     ids of the subjects of which the person is a contact
    scenarios  empty: every one; else the only ones, as a key of another system was narrowed
    below      empty: everywhere; else the path of the only area, as such a key was narrowed
    """

    person_id: int
    held: frozenset[tuple[str, str]]
    family: frozenset[int]
    scenarios: frozenset[str] = frozenset()
    below: str = ""

    def within(self, scenarios: Collection[str] = (), path: str = "") -> Rights:
        """These rights cut to scenarios and to an area's subtree; never more than they were.

        Empty: not cut by it. What belongs to no scenario (the register, call-outs, published
        figures) is a pseudo-scenario that is named like the others, or cut away.
        """
        if not scenarios and not path:
            return self
        wide, narrow = sorted((self.below, path), key=len)
        if not narrow.startswith(wide):  # two areas beside each other
            return Rights(self.person_id, frozenset(), frozenset(), frozenset({""}), "?")
        both = self.scenarios & set(scenarios) if self.scenarios and scenarios else None
        only = self.scenarios | set(scenarios) if both is None else both or {""}
        cut = replace(self, held=_cut(self.held, narrow), scenarios=frozenset(only), below=narrow)
        return replace(cut, family=cut._family_within())

    @property
    def is_cut(self) -> bool:
        """Whether these are a key's: less than the person's own."""
        return bool(self.scenarios or self.below)

    def reaches(self, scenario: str) -> bool:
        """Whether a scenario, or what belongs to none, is among those not cut away."""
        return not self.scenarios or scenario in self.scenarios

    def _family_within(self) -> frozenset[int]:
        if not self.family:
            return self.family
        found = Subject.objects.using(MAIN).filter(id__in=self.family)
        if self.scenarios:
            found = found.filter(scenario__in=self.scenarios)
        if self.below:
            found = found.filter(area_id__in=areas_under([self.below]))
        return frozenset(found.values_list("id", flat=True))

    def paths(self, scenario: str, verb: Verb) -> list[str]:
        """Paths of the areas in whose subtree the verb is allowed; the widest ones only."""
        if not self.reaches(scenario):
            return []
        found = sorted({path for role, path in self.held if verb in granted(scenario, role)})
        widest: list[str] = []
        for path in found:
            if not any(path.startswith(above) for above in widest):
                widest.append(path)
        return widest

    def may(self, scenario: str, verb: Verb, path: str, subject_id: int | None = None) -> bool:
        """Whether the verb is allowed at an area's path, or on a relative's subject."""
        if any(path.startswith(above) for above in self.paths(scenario, verb)):
            return True
        return subject_id in self.family and self._is_near(scenario, verb)

    def _is_near(self, scenario: str, verb: Verb) -> bool:
        return self.reaches(scenario) and verb in granted(scenario, FAMILY)

    def where(
        self,
        verb: Verb,
        scenarios: Iterable[str],
        fields: tuple[str, str, str | None] = ("scenario", "area_path", "subject_id"),
    ) -> Q:
        """A filter of rows for which the verb is allowed; a stranger's finds nothing.

        fields  names of the columns with the scenario, the path and the subject (None = no such)
        """
        of_scenario, of_path, of_subject = fields
        wanted = Q(pk__in=())
        for scenario in scenarios:
            for path in self.paths(scenario, verb):
                wanted |= Q(**{of_scenario: scenario, f"{of_path}__startswith": path})
            if of_subject and self.family and self._is_near(scenario, verb):
                wanted |= Q(**{of_scenario: scenario, f"{of_subject}__in": self.family})
        return wanted

    def where_area(
        self,
        verb: Verb,
        scenarios: Iterable[str],
        fields: tuple[str, str, str | None] = ("scenario", "area_id", "subject_id"),
    ) -> Q:
        """The same for rows that name their area by its id: where that lies today decides."""
        of_scenario, of_area, of_subject = fields
        wanted = Q(pk__in=())
        for paths, named in self.reaching(verb, scenarios):
            wanted |= Q(**{f"{of_scenario}__in": named, f"{of_area}__in": areas_under(paths)})
        if of_subject and (near := self.near(verb, scenarios)):
            wanted |= Q(**{f"{of_scenario}__in": near, f"{of_subject}__in": self.family})
        return wanted

    def reaching(
        self, verb: Verb, scenarios: Iterable[str]
    ) -> list[tuple[tuple[str, ...], list[str]]]:
        """(paths of the widest areas, the scenarios in which the verb is allowed below them)."""
        together: dict[tuple[str, ...], list[str]] = {}
        for scenario in scenarios:
            together.setdefault(tuple(self.paths(scenario, verb)), []).append(scenario)
        return [(paths, named) for paths, named in together.items() if paths]

    def near(self, verb: Verb, scenarios: Iterable[str]) -> list[str]:
        """The scenarios in which the verb is allowed on the subjects of one's family."""
        return [one for one in scenarios if self.family and self._is_near(one, verb)]

    def roles(self) -> frozenset[str]:
        """Every role held, anywhere."""
        return frozenset(role for role, _path in self.held)

    @property
    def is_stranger(self) -> bool:
        """Whether the person holds nothing and is nobody's relative."""
        return not self.held and not self.family


def _cut(held: Iterable[tuple[str, str]], below: str) -> frozenset[tuple[str, str]]:
    """Posts and duties as far as they lie in a subtree: one from above holds for it alone."""
    found = {(role, max(path, below, key=len)) for role, path in held if _overlap(path, below)}
    return frozenset(found)


def _overlap(path: str, other: str) -> bool:
    return path.startswith(other) or other.startswith(path)


def for_user(person_id: int | None, now_us: int) -> Rights:
    """The rights of a person at a moment; None and everybody unknown are strangers."""
    if person_id is None:
        return Rights(0, frozenset(), frozenset())
    known = known_as(person_id)
    held = _held(known, now_us)
    # an administrator sees no business data, whatever posts are held besides
    no_office = holds_no_office(person_id) & lives(person_id)
    areas = Area.objects.using(MAIN).filter(no_office, id__in={area for _role, area in held})
    paths = dict(areas.values_list("id", "path"))
    own = Contact.objects.using(MAIN).filter(no_office, person_id__in=known)
    return Rights(
        person_id,
        frozenset((role, paths[area]) for role, area in held if area in paths),
        _agreed(person_id, set(own.values_list("subject_id", flat=True)), now_us),
    )


def lives(person_id: int) -> Q:
    """A condition like that of offices: of who is registered as dead nothing is held any more."""
    dead = Person.objects.using(MAIN).filter(id=person_id, died_us__isnull=False)
    return ~Q(Exists(dead))


def _agreed(person_id: int, subjects: set[int], now_us: int) -> frozenset[int]:
    """Of a relative's subjects those whose person has not taken the consent back."""
    if not subjects:
        return frozenset()
    found = Subject.objects.using(MAIN).filter(id__in=subjects).exclude(person_id=None)
    persons = {sid: p for sid, p in found.values_list("id", "person_id") if p is not None}
    hidden = hidden_from(person_id, persons.values(), now_us)
    return frozenset(sid for sid in subjects if persons.get(sid) not in hidden)


def known_as(person_id: int) -> frozenset[int]:
    """Every id under which a person is known, by mergers; one query."""
    parties = Party.objects.using(MAIN)
    led = parties.filter(pk=person_id).values("survivor_id")[:1]
    found = parties.filter(
        Q(pk=person_id) | Q(survivor_id=person_id) | Q(survivor_id=Subquery(led))
    ).values_list("id", "survivor_id")
    ids = {identity for pair in found for identity in pair if identity is not None}
    return frozenset({person_id} | ids)


def areas_under(paths: Iterable[str]) -> Any:
    """Ids of the areas that lie in these subtrees today, for `__in`."""
    inside = Q(pk__in=())
    for path in paths:
        inside |= Q(path__startswith=path)
    return Area.objects.using(MAIN).filter(inside).values("id")


def _held(known: frozenset[int], now_us: int) -> set[tuple[str, int]]:
    is_now = Q(person_id__in=known, from_us__lte=now_us)
    posts = Post.objects.using(MAIN).filter(is_now, Q(until_us=None) | Q(until_us__gt=now_us))
    duties = Duty.objects.using(MAIN).filter(is_now, until_us__gt=now_us)
    rosters = {(d.role, d.area_id) for d in duties_now(now_us) if d.person_id in known}
    return {
        *posts.values_list("role", "area_id"),
        *duties.values_list("role", "area_id"),
        *rosters,
    }


grant(REGISTER, REGISTRAR, ("see", "open", "edit", "export"))
