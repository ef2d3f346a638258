"""台账 / Ledgers: every type of subject and record with its count, and the list of one type."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse

from bihuan.base.errors import BadInputError, bad
from bihuan.base.ids import is_id
from bihuan.console.access import cursor
from bihuan.console.home import clock, keys
from bihuan.console.register import wording
from bihuan.console.register.cells import Names, Wanted, list_fields, state_cell
from bihuan.console.register.controls import control
from bihuan.console.register.deeds import Deed, forms, posted, shown
from bihuan.console.register.fault_words import in_words
from bihuan.console.register.moments import moment
from bihuan.console.register.reach import Reach, inside
from bihuan.console.register.sheet import Cell, Control, Listing, Table
from bihuan.console.register.wording import word
from bihuan.console.visit import signed_in
from bihuan.journal.storage import MAIN
from bihuan.register import schemes
from bihuan.register.holders import NEAR
from bihuan.register.models import Area, Subject
from bihuan.register.records.acts import By, Ledger, Opening
from bihuan.register.records.lists import Asked, Page, listed
from bihuan.register.records.models import Record
from bihuan.register.records.rows import Row, RowType, read
from bihuan.register.records.values import from_text
from bihuan.register.refusals import ForbiddenError
from bihuan.register.scheme import Field, RecordType, SubjectType
from bihuan.register.subjects.acts import NewSubject, Subjects

PER_PAGE = 50
AREA = Field(name="area", title=("区域", "Area"), kind="area")
STATE = Field(name="state", title=("状态", "State"), kind="choice")
RANGED = ("integer", "decimal", "date", "time")


@signed_in
def ledgers(request: HttpRequest) -> HttpResponse:
    """Every type that this person may see, with how many rows of it; each opens its list."""
    reach = Reach(request)
    counts = counted(reach)
    tables = []
    for scenario, scheme in sorted(schemes.installed().items()):
        if not may_look(reach, scenario):
            continue
        types: list[RowType] = [*scheme.subjects, *scheme.records]
        rows = [
            [
                _type_cell(scenario, one),
                Cell(_sort(one)),
                Cell(f"{counts.get((scenario, one.name), 0):,}"),
            ]
            for one in types
        ]
        columns = (word(("类型", "Type")), word(("类别", "Sort")), word(("数量", "Rows")))
        tables.append(Table(wording.scenario_title(scenario), columns, rows, ""))
    if not tables:
        raise Http404
    page = Listing(word(("台账", "Ledgers")), tables[0], others=tables[1:])
    page.sub = word(("按您岗位所在区域统计", "Counted in the areas of your posts"))
    return shown(request, page)


def counted(reach: Reach) -> dict[tuple[str, str], int]:
    """How many rows of each (scenario, kind) this person may see."""
    found: dict[tuple[str, str], int] = {}
    wanted, near = Q(pk__in=()), set[int]()
    for scenario in schemes.installed():
        areas = Area.objects.using(MAIN).filter(inside(reach.paths(scenario))).values("id")
        wanted |= Q(scenario=scenario, area_id__in=areas)
        near |= reach.own(scenario)
    for rows in (
        Subject.objects.using(MAIN).filter(wanted | Q(id__in=near), ended_us=None),
        Record.objects.using(MAIN).filter(wanted | Q(subject_id__in=near), is_erased=False),
    ):
        for line in rows.values("scenario", "kind").annotate(n=Count("id")).order_by():
            found[line["scenario"], line["kind"]] = line["n"]
    return found


@signed_in
def row_list(request: HttpRequest, scenario: str, kind: str) -> HttpResponse:
    """The rows of one type, newest first; the filter is in the address."""
    reach = Reach(request)
    declared = type_or_404(reach, scenario, kind)
    if request.method == "POST":
        return posted(request, lambda: _drawn(request, reach, declared, scenario), reach)
    page, _deeds = _drawn(request, reach, declared, scenario)
    return shown(request, page, 422 if page.bars else 200)


def type_or_404(reach: Reach, scenario: str, kind: str) -> RowType:
    """A declared type; a stranger cannot tell a foreign one from none."""
    found: RowType | None = schemes.record_type(scenario, kind)
    found = found or schemes.subject_type(scenario, kind)
    if found is None or not may_look(reach, scenario):
        raise Http404
    return found


def may_look(reach: Reach, scenario: str) -> bool:
    """Whether there are rows of a scenario that this person may see: by a post, or its own."""
    return bool(reach.paths(scenario) or reach.own(scenario))


def page_of(
    reach: Reach, declared: RowType, scenario: str, said: Mapping[str, str], limit: int = PER_PAGE
) -> Page:
    """The rows that filters as texts ask for. Raises BadInputError with every bad one."""
    name = f"rows.{scenario}.{declared.name}"
    subject = said.get("subject", "")
    if subject and not is_id(subject):
        raise bad("subject", subject, "the id of a subject")
    asked = Asked(
        scenario=scenario,
        kind=declared.name,
        filters=_filters(declared, said),
        state=said.get("state") or None,
        under=_under(reach, scenario, said.get("area", "")),
        own=reach.own(scenario) if not said.get("area") else frozenset(),
        subject_id=int(subject) if subject else None,
        before=cursor.after(name, said.get("cursor") or None),
        limit=limit,
    )
    return listed(asked)


def onward(declared: RowType, scenario: str, page: Page) -> str | None:
    """The cursor of the next page."""
    return cursor.onward(f"rows.{scenario}.{declared.name}", page.next)


def _drawn(
    request: HttpRequest, reach: Reach, declared: RowType, scenario: str
) -> tuple[Listing, list[Deed]]:
    said = {name: str(text) for name, text in request.GET.items()}
    bars, found = [], Page([], None)
    try:
        found = page_of(reach, declared, scenario, said)
    except BadInputError as error:
        bars = [("crit", in_words(fault)) for fault in error.faults]
    page = Listing(wording.word(declared.title), row_table(declared, found.rows))
    page.bars = bars
    page.sub = wording.scenario_title(scenario)
    page.crumbs = [(reverse("ledgers"), word(("台账", "Ledgers")))]
    page.filters = _filter_controls(reach, declared, said)
    page.tabs = _tabs(declared, said)
    page.is_filtered = any(one.value for one in page.filters) or bool(said.get("state"))
    if (more := onward(declared, scenario, found)) is not None:
        page.more = "?" + urlencode({**said, "cursor": more})
    deeds = new_deeds(reach, declared, scenario, said.get("subject", ""))
    page.forms = forms(reach, deeds, request.get_full_path())
    return page, deeds


def row_table(declared: RowType, rows: list[Row], title: str = "") -> Table:
    """Rows as a table: who or which, state, the fields of lists, where, changed when."""
    fields, wanted = list_fields(declared), Wanted()
    values = {row.id: read(row.values) for row in rows}
    for row in rows:
        wanted.row(row)
        for one in fields:
            wanted.value(one, values[row.id].get(one.name))
    names = Names(wanted, masked=True)
    is_stated = bool(declared.states)
    columns = (
        word(("编号", "Number")) if isinstance(declared, RecordType) else word(("名称", "Name")),
        *((word(("状态", "State")),) if is_stated else ()),
        *(wording.word(one.title) for one in fields),
        word(("区域", "Area")),
        word(("变动", "Changed")),
    )
    lines = [
        [
            _first(row, names),
            *((state_cell(row, declared),) if is_stated else ()),
            *(names.value(one, values[row.id].get(one.name)) for one in fields),
            Cell(names.place(row.area_id)),
            Cell(us=row.changed_us or row.opened_us),
        ]
        for row in rows
    ]
    return Table(title, columns, lines, word(("没有符合条件的记录", "Nothing matches")))


def new_deeds(reach: Reach, declared: RowType, scenario: str, subject: str) -> list[Deed]:
    """Registering a row of this type, where the person's roles may."""
    editors = schemes.editors_of(scenario, declared.name)
    is_held = any(role in editors for role, _path in reach.rights.held)
    if isinstance(declared, RecordType) and not is_held:
        # who has no post files for its own: the contacts of a subject, or its person
        own = reach.own(scenario) if set(NEAR) & set(editors) and declared.subject else ()
        only = str(next(iter(own))) if len(own) == 1 else subject
        return [_filing(reach, declared, scenario, only)] if own else []
    if not is_held:
        return []
    if isinstance(declared, RecordType):
        return [_filing(reach, declared, scenario, subject)]
    return [_registering(reach, declared, scenario)]


def _filing(reach: Reach, declared: RecordType, scenario: str, subject: str) -> Deed:
    of = declared.subject
    about = Field(
        name="_subject", title=("对象", "Subject"), kind="subject", of=of, is_required=True
    )
    where = Field(name="_area", title=("区域", "Area"), kind="area", is_required=True)
    first = where if of is None else about

    def file(by: By, said: dict[str, Any]) -> int:
        given = {name: value for name, value in said.items() if name != first.name}
        subject_id = said.get("_subject") if isinstance(said.get("_subject"), int) else None
        whose = Subject.objects.using(MAIN).filter(id=subject_id or 0).first()
        _must_hold(reach, scenario, whose.area_id if whose is not None else said.get("_area"))
        opening = Opening(scenario, declared.name, given, subject_id, said.get("_area"))
        return Ledger(clock(), keys()).open(opening, by)

    return Deed(
        "new",
        ("登记一条", "File one"),
        file,
        (first, *(f for f in declared.fields if f.kind != "photo")),
        held={"_subject": subject or None},
        icon="pen-line",
        scenario=scenario,
        judges=True,
        leads_to="/rows/{}/",
    )


def _must_hold(reach: Reach, scenario: str, area_id: int | None) -> None:
    """Raise ForbiddenError where the act would lie outside of what the key was cut to."""
    if not reach.holds(scenario, area_id):
        raise ForbiddenError


def _registering(reach: Reach, declared: SubjectType, scenario: str) -> Deed:
    title = {None: ("名称", "Name"), "person": ("人员", "Person")}.get(
        declared.party, ("主体", "Party")
    )
    kind: Any = "text" if declared.party is None else "party"
    who = Field(name="_who", title=title, kind=kind, of=declared.party, is_required=True)
    where = Field(name="_area", title=("区域", "Area"), kind="area", is_required=True)
    address = Field(name="_address", title=("住址", "Address"), kind="text", is_sealed=True)

    def register(by: By, said: dict[str, Any]) -> int:
        given = {name: value for name, value in said.items() if not name.startswith("_")}
        which = {None: "name", "person": "person_id"}.get(declared.party, "party_id")
        one = {which: said.get("_who")}
        area_id = said.get("_area")
        if not isinstance(area_id, int):
            raise bad("_area", area_id or "nothing", "a registered area")
        _must_hold(reach, scenario, area_id)
        new = NewSubject(
            scenario, declared.name, area_id, address=said.get("_address"), values=given, **one
        )
        return Subjects(clock(), keys()).register(new, by)

    fields = (who, where, address, *(f for f in declared.fields if f.kind != "photo"))
    return Deed(
        "new",
        ("登记", "Register"),
        register,
        fields,
        scenario=scenario,
        judges=True,
        leads_to="/rows/{}/",
    )


def _filters(declared: RowType, said: Mapping[str, str]) -> dict[str, Any]:
    """Filters by indexed field, as `listed` takes them."""
    found: dict[str, Any] = {}
    for one in declared.fields:
        if not one.is_indexed:
            continue
        if one.kind in RANGED:
            low, high = (_typed(one, said.get(f"f.{one.name}.{end}", "")) for end in ("from", "to"))
            if low is not None or high is not None:
                found[one.name] = (low, high)
        elif (value := _typed(one, said.get(f"f.{one.name}", ""))) is not None:
            found[one.name] = f"{value}*" if one.kind == "text" else value
    return found


def _typed(one: Field, text: str) -> Any:
    value = from_text(one, text)
    if value is None:
        return None
    if one.kind == "choices":
        return value[0]
    if one.kind == "time":
        return moment(f"f.{one.name}", text)
    if one.kind in ("integer", "decimal") and not isinstance(value, int | float):
        raise bad(f"f.{one.name}", text, "a number")
    return value


def _under(reach: Reach, scenario: str, area: str) -> list[str]:
    paths = reach.paths(scenario)
    if not area:
        return paths
    if not is_id(area):
        raise bad("area", area, "the id of an area")
    path = Area.objects.using(MAIN).filter(id=int(area)).values_list("path", flat=True).first()
    return [path] if path and any(path.startswith(above) for above in paths) else []


def _filter_controls(reach: Reach, declared: RowType, said: Mapping[str, str]) -> list[Control]:
    found = [_filter(reach, AREA, "area", said)]
    for one in declared.fields:
        if not one.is_indexed or one.kind in ("party", "subject", "record"):
            continue
        if one.kind in RANGED:
            found += [_filter(reach, one, f"f.{one.name}.{end}", said) for end in ("from", "to")]
            found[-2].label += word((" 从", " from"))
            found[-1].label += word((" 到", " to"))
        else:
            found.append(_filter(reach, one, f"f.{one.name}", said))
    return found


def _filter(reach: Reach, one: Field, name: str, said: Mapping[str, str]) -> Control:
    made = control(reach, one)
    made.name, made.value, made.hint = name, said.get(name, ""), ""
    made.attributes.pop("required", None)
    made.widget = "select" if made.choices else made.widget
    made.choices = [(code, title, code == made.value) for code, title, _on in made.choices]
    return made


def _tabs(declared: RowType, said: Mapping[str, str]) -> list[tuple[str, str, bool]]:
    if len(declared.states) < 2:
        return []
    kept = {name: text for name, text in said.items() if name not in ("state", "cursor") and text}
    state = said.get("state", "")
    states = [("", word(("全部", "All")))]
    states += [(code, wording.word(title)) for code, title in declared.states]
    return [
        ("?" + urlencode({**kept, "state": code} if code else kept), title, code == state)
        for code, title in states
    ]


def _first(row: Row, names: Names) -> Cell:
    href = reverse("row", args=[row.id])
    if isinstance(row, Record):
        about = names.subject(names.subjects.get(row.subject_id)) if row.subject_id else ""
        return Cell(row.number, href=href, sub=about)
    return Cell(names.subject(row), href=href)


def _type_cell(scenario: str, one: RowType) -> Cell:
    return Cell(wording.word(one.title), href=reverse("rows", args=[scenario, one.name]))


def _sort(one: RowType) -> str:
    return word(("对象", "Subject")) if isinstance(one, SubjectType) else word(("台账", "Record"))
