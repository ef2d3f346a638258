"""主体 / Parties: people, households, firms, estates and plots, once each; duplicates to decide."""

from __future__ import annotations

from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse

from bihuan.console.access.cursor import page_shown
from bihuan.console.home import clock, keys
from bihuan.console.people import People
from bihuan.console.register import wording
from bihuan.console.register.cells import NOTHING, Names, Wanted, declared_of
from bihuan.console.register.choosing import found_ids
from bihuan.console.register.consent_deeds import ended
from bihuan.console.register.controls import control
from bihuan.console.register.deeds import Deed, forms, posted, shown
from bihuan.console.register.party_deeds import deeds_of, new_parties
from bihuan.console.register.reach import Opened, Reach, inside, log_row, log_rows, official_or_404
from bihuan.console.register.sheet import Cell, Fact, Listing, Sheet, Table
from bihuan.console.register.told import lines_of
from bihuan.console.register.wording import purpose, word
from bihuan.console.visit import signed_in
from bihuan.journal.rows import Rows
from bihuan.journal.storage import MAIN
from bihuan.journal.tables import Projection
from bihuan.register.consents.models import Consent
from bihuan.register.entries import Actor
from bihuan.register.models import Area, Person, Post, Subject
from bihuan.register.organisations.models import Organisation
from bihuan.register.parties.duplicates import DuplicateActs
from bihuan.register.parties.models import Party, ProposedDuplicate
from bihuan.register.parties.read import aliases, household_at
from bihuan.register.scheme import Field, Words

PER_PAGE = 50
SEARCH = Field(
    name="q", title=("姓名、名称、代码或手机尾号", "Name, code or end of the phone"), kind="text"
)


def parties_of(reach: Reach) -> QuerySet[Party]:
    """Whoever is registered in this person's areas, holds a post there or is a subject there."""
    if reach.keeps_everything and not reach.office:
        return Party.objects.using(MAIN).all()
    paths = reach.areas()
    areas = Area.objects.using(MAIN).filter(inside(paths)).values("id")
    posts = Post.objects.using(MAIN).filter(area_id__in=areas).values("person_id")
    there = Subject.objects.using(MAIN).filter(area_id__in=areas)
    seen = Q(area_id__in=areas) | Q(id__in=posts)
    for name in ("person_id", "party_id"):
        seen |= Q(id__in=there.exclude(**{name: None}).values(name))
    return Party.objects.using(MAIN).filter(seen)


def party_or_404(reach: Reach, party_id: int) -> Party:
    """The party; a stranger cannot tell a foreign one from none."""
    found = parties_of(reach).filter(id=party_id).first() if reach.is_official else None
    if found is None:
        raise Http404
    return found


@signed_in
def parties(request: HttpRequest) -> HttpResponse:
    """A list by kind, names of people masked; or what a search finds."""
    reach = official_or_404(request)
    if request.method == "POST":
        return posted(request, lambda: _list(request, reach), reach)
    page, _deeds = _list(request, reach)
    return shown(request, page)


def _list(request: HttpRequest, reach: Reach) -> tuple[Listing, list[Deed]]:
    kind, query = request.GET.get("kind", ""), request.GET.get("q", "").strip()
    if kind and kind not in dict(wording.PARTIES):
        raise Http404
    found = parties_of(reach).filter(survivor_id=None)
    if kind:
        found = found.filter(kind=kind)
    if query:
        named = Q(name__contains=query) | Q(code=query)
        found = found.filter(named | Q(id__in=found_ids(reach, query, ("person",))))
    kept = {"kind": kind, "q": query}
    rows, more = page_shown(request, found, "parties", PER_PAGE, kept)
    page = Listing(word(("主体", "Parties")), party_table(list(rows)))
    kinds = [("", word(("全部", "All"))), *((c, word(w)) for c, w in wording.PARTIES)]
    page.tabs = [(f"?kind={code}", title, code == kind) for code, title in kinds]
    one = control(reach, SEARCH, query)
    one.name = "q"
    page.filters, page.is_filtered = [one], bool(query)
    page.more = more
    waiting = open_duplicates(reach).count()
    if waiting:
        said = word(("疑似重复 {} 对", "{} possible duplicates")).format(waiting)
        page.links = [(reverse("duplicates"), said)]
    deeds = new_parties(reach) if reach.may_keep_some() else []
    page.forms = forms(reach, deeds, request.get_full_path())
    return page, deeds


def party_table(rows: list[Party], title: str = "") -> Table:
    """Parties as a table; people masked."""
    wanted = Wanted()
    wanted.people = {one.id for one in rows if one.kind == "person"}
    wanted.areas = {one.area_id for one in rows if one.area_id}
    names = Names(wanted, masked=True)
    lines = [
        [
            Cell(_name(one, names), href=reverse("party", args=[one.id])),
            Cell(wording.coded(wording.PARTIES, one.kind)),
            Cell(one.code, is_code=True) if one.code else NOTHING,
            Cell(names.place(one.area_id)),
        ]
        for one in rows
    ]
    columns = (
        word(("名称", "Name")),
        word(("类别", "Kind")),
        word(("代码", "Code")),
        word(("区域", "Area")),
    )
    return Table(title, columns, lines, word(("没有符合条件的主体", "No such party")))


def _name(party: Party, names: Names) -> str:
    if party.kind == "person":
        return names.person(party.id)
    return word((party.name, party.latin or party.name)) or f"#{party.id}"


@signed_in
def party(request: HttpRequest, party_id: int) -> HttpResponse:
    """One party, opened and logged: what it is, where it stands in, and what may be done."""
    reach = Reach(request)
    found = party_or_404(reach, party_id)
    opened = ("party", found.id, found.id)
    if request.method == "POST":
        return posted(request, lambda: _sheet(reach, found), reach, [opened])
    log_row(reach, *opened)
    page, _deeds = _sheet(reach, found)
    return shown(request, page)


def _sheet(reach: Reach, party: Party) -> tuple[Sheet, list[Deed]]:
    wanted = Wanted()
    wanted.areas = {party.area_id} if party.area_id else set()
    wanted.people = {party.id} if party.kind == "person" else set()
    names = Names(wanted, masked=False)
    page = Sheet(
        title=_name(party, names),
        kicker=wording.coded(wording.PARTIES, party.kind),
        crumbs=[(reverse("parties"), word(("主体", "Parties")))],
        here=reverse("party", args=[party.id]),
        sub=[Cell(names.place(party.area_id), icon="map-pin")] if party.area_id else [],
    )
    if party.survivor_id is not None:
        page.state = Cell(word(("已并入另一条", "Merged")), tone="mute")
        href = reverse("party", args=[party.survivor_id])
        page.sub.append(Cell(word(("看并入的那条", "See that one")), href=href))
    page.facts = _facts(party, names)
    page.main = [_subjects(reach, party), *_household(reach, party), _posts(party)]
    page.side = _consents(party)
    model: type[Projection] = Person if party.kind == "person" else Party
    page.history = lines_of(model, party.id)
    deeds = deeds_of(reach, party)
    page.forms = forms(reach, deeds, page.here)
    return page, deeds


def _facts(party: Party, names: Names) -> list[Fact]:
    found = [
        Fact(word(("编号", "Id")), Cell(str(party.id), is_code=True)),
        Fact(word(("代码", "Code")), Cell(party.code, is_code=True) if party.code else NOTHING),
    ]
    if party.kind == "person":
        phone = names.people.phone(party.id)
        found.append(
            Fact(word(("电话", "Telephone")), Cell(phone) if phone else NOTHING, is_sealed=True)
        )
    address = keys().open(party.address) or ""
    cell = Cell(address) if address else NOTHING
    found.append(Fact(word(("住址", "Address")), cell, is_sealed=True))
    return found


def _subjects(reach: Reach, party: Party) -> Table:
    ids = aliases(party.id)
    found = Subject.objects.using(MAIN).filter(Q(person_id__in=ids) | Q(party_id__in=ids))
    wanted = Wanted()
    rows = [one for one in found.order_by("id") if reach.may_see(one)]
    wanted.areas = {one.area_id for one in rows}
    names = Names(wanted, masked=True)
    lines = [
        [
            Cell(_kind(one), href=reverse("row", args=[one.id])),
            Cell(wording.scenario_title(one.scenario)),
            Cell(names.place(one.area_id)),
        ]
        for one in rows
    ]
    columns = (word(("对象", "Subject")), word(("场景", "Scenario")), word(("区域", "Area")))
    return Table(
        word(("在哪些场景里", "In which scenarios")),
        columns,
        lines,
        word(("不在任何场景", "In none")),
    )


def _kind(subject: Subject) -> str:
    declared = declared_of(subject)
    return word(declared.title) if declared is not None else subject.kind


def _household(reach: Reach, party: Party) -> list[Table]:
    if party.kind != "household":
        return []
    held = household_at(Rows(MAIN), party.id, reach.now_us)
    people = People(keys(), [one.person_id for one in held])
    rows = [
        [
            Cell(people.name(one.person_id), href=reverse("party", args=[one.person_id])),
            Cell(word(("户主", "Head")) if one.is_head else ""),
            Cell(us=one.from_us) if one.from_us else NOTHING,
        ]
        for one in held
    ]
    columns = (word(("姓名", "Name")), word(("身份", "As")), word(("起", "From")))
    return [Table(word(("家庭成员", "Members")), columns, rows, word(("没有成员", "None")))]


def _posts(party: Party) -> Table:
    held = list(Post.objects.using(MAIN).filter(person_id__in=aliases(party.id)).order_by("-id"))
    bodies = Organisation.objects.using(MAIN).in_bulk(
        [p.organisation_id for p in held if p.organisation_id]
    )
    wanted = Wanted()
    wanted.areas = {one.area_id for one in held}
    names = Names(wanted, masked=False)
    rows = [
        [
            Cell(wording.role(one.role), sub=_body(bodies, one.organisation_id)),
            Cell(names.place(one.area_id)),
            Cell(us=one.from_us) if one.from_us else NOTHING,
            Cell(us=one.until_us) if one.until_us else Cell(word(("至今", "Now"))),
        ]
        for one in held
    ]
    columns = (
        word(("岗位", "Post")),
        word(("区域", "Area")),
        word(("起", "From")),
        word(("止", "Until")),
    )
    return Table(word(("岗位", "Posts")), columns, rows, word(("没有岗位", "None")))


def _body(bodies: dict[int, Organisation], body_id: int | None) -> str:
    body = bodies.get(body_id or 0)
    return word((body.name, body.latin or body.name)) if body is not None else ""


def _consents(party: Party) -> list[Table]:
    if party.kind != "person":
        return []
    found = Consent.objects.using(MAIN).filter(person_id=party.id).order_by("-id")
    rows = [
        [
            Cell(word(purpose(one.purpose)), sub=one.notice),
            Cell(word(ended(one)), tone="mute", us=one.withdrawn_us)
            if one.withdrawn_us is not None
            else Cell(word(("有效", "Holds")), tone="ok"),
        ]
        for one in found
    ]
    columns = (word(("用途", "Purpose")), word(("状态", "State")))
    return [Table(word(("同意", "Consents")), columns, rows, word(("没有记录", "None on record")))]


def open_duplicates(reach: Reach) -> QuerySet[ProposedDuplicate]:
    """Pairs that wait for a decision, both of whom this person may see."""
    seen = parties_of(reach).values("id")
    found = ProposedDuplicate.objects.using(MAIN).filter(state="open")
    return found.filter(first_id__in=seen, second_id__in=seen)


@signed_in
def duplicates(request: HttpRequest) -> HttpResponse:
    """疑似重复: each pair with its grounds; one of the two stays, or both."""
    reach = official_or_404(request)
    if not reach.may_keep_some():
        raise Http404
    pairs = list(open_duplicates(reach).order_by("id")[:PER_PAGE])
    named = sorted({one for pair in pairs for one in (pair.first_id, pair.second_id)})
    opened: list[Opened] = [("party", one, one) for one in named]
    if request.method == "POST":
        return posted(request, lambda: _pairs(request, reach, pairs), reach, opened)
    log_rows(reach, opened, "duplicates")
    page, _deeds = _pairs(request, reach, pairs)
    return shown(request, page)


def _pairs(
    request: HttpRequest, reach: Reach, pairs: list[ProposedDuplicate]
) -> tuple[Listing, list[Deed]]:
    ids = {one for pair in pairs for one in (pair.first_id, pair.second_id)}
    wanted = Wanted()
    wanted.parties = wanted.people = ids
    names = Names(wanted, masked=False)
    by = Actor(person_id=reach.person_id, role="registrar", via="page")
    deeds: list[Deed] = []
    rows = []
    for pair in pairs:
        first, second = (_either(names, one) for one in (pair.first_id, pair.second_id))
        grounds = "、".join(wording.named(wording.GROUNDS, g) for g in pair.grounds.split(","))
        rows.append(
            [
                Cell(first, href=reverse("party", args=[pair.first_id]), sub=f"#{pair.first_id}"),
                Cell(
                    second, href=reverse("party", args=[pair.second_id]), sub=f"#{pair.second_id}"
                ),
                Cell(grounds),
                Cell(us=pair.proposed_us),
            ]
        )
        deeds += _deciding(DuplicateActs(clock(), by), pair, (first, second))
    columns = (
        word(("一条", "One")),
        word(("另一条", "The other")),
        word(("相同之处", "What is the same")),
        word(("提出", "Proposed")),
    )
    empty = word(("没有疑似重复", "No possible duplicate"))
    page = Listing(word(("疑似重复", "Possible duplicates")), Table("", columns, rows, empty))
    page.crumbs = [(reverse("parties"), word(("主体", "Parties")))]
    page.sub = word(("机器只提出，由人决定", "The machine proposes, a person decides"))
    page.forms = forms(reach, deeds, request.path)
    return page, deeds


def _either(names: Names, party_id: int) -> str:
    named = names.party(party_id)
    return named if named != "—" else names.person(party_id)


def _deciding(acts: DuplicateActs, pair: ProposedDuplicate, named: tuple[str, str]) -> list[Deed]:
    why = Field(name="why", title=("依据", "On what grounds"), kind="text")
    ids = f"#{pair.first_id} / #{pair.second_id}"
    return [
        Deed(
            f"one-{pair.id}",
            _with(("是同一个：{}", "One and the same: {}"), named[0]),
            lambda by, said: acts.keyed(by.key).merge(
                pair.second_id, pair.first_id, said["why"] or ""
            ),
            (why,),
            icon="circle-check",
            note=ids,
        ),
        Deed(
            f"two-{pair.id}",
            _with(("是两个：{}", "They are two: {}"), named[0]),
            lambda by, _said: acts.keyed(by.key).decline(pair.id),
            icon="circle-slash",
            note=ids,
        ),
    ]


def _with(words: Words, name: str) -> Words:
    return words[0].format(name), words[1].format(name)
