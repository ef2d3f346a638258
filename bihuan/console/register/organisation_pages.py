"""组织与岗位 / Organisations: departments, committees, units and groups; members and posts."""

from __future__ import annotations

from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse

from bihuan.console.access.cursor import page_shown
from bihuan.console.register import wording
from bihuan.console.register.cells import NOTHING, Names, Wanted
from bihuan.console.register.controls import control
from bihuan.console.register.deeds import Deed, forms, posted, shown
from bihuan.console.register.organisation_deeds import (
    deeds_of,
    post_for_area,
    registering,
)
from bihuan.console.register.reach import Reach, inside, official_or_404
from bihuan.console.register.sheet import Cell, Fact, Listing, Sheet, Table
from bihuan.console.register.told import lines_of
from bihuan.console.register.wording import word
from bihuan.console.visit import signed_in
from bihuan.journal.storage import MAIN
from bihuan.register.models import Area, Post
from bihuan.register.organisations.models import Member, Organisation
from bihuan.register.organisations.read import members_at
from bihuan.register.scheme import Field

PER_PAGE = 100
SEARCH = Field(name="q", title=("名称", "Name"), kind="text")


def organisations_of(reach: Reach) -> QuerySet[Organisation]:
    """The organisations of this person's areas."""
    areas = Area.objects.using(MAIN).filter(inside(reach.areas())).values("id")
    return Organisation.objects.using(MAIN).filter(area_id__in=areas)


def organisation_or_404(reach: Reach, organisation_id: int) -> Organisation:
    """The organisation; a stranger cannot tell a foreign one from none."""
    found = organisations_of(reach).filter(id=organisation_id).first()
    if found is None:
        raise Http404
    return found


@signed_in
def organisations(request: HttpRequest) -> HttpResponse:
    """Every organisation in reach, those that stand."""
    reach = official_or_404(request)
    if request.method == "POST":
        return posted(request, lambda: _list(request, reach), reach)
    page, _deeds = _list(request, reach)
    return shown(request, page)


def _list(request: HttpRequest, reach: Reach) -> tuple[Listing, list[Deed]]:
    query = request.GET.get("q", "").strip()
    found = organisations_of(reach).filter(until_us=None)
    if query:
        found = found.filter(Q(name__contains=query) | Q(latin__icontains=query))
    rows, more = page_shown(request, found, "organisations", PER_PAGE, {"q": query})
    page = Listing(word(("组织与岗位", "Bodies and posts")), _table(list(rows)))
    one = control(reach, SEARCH, query)
    one.name = "q"
    page.filters, page.is_filtered = [one], bool(query)
    page.more = more
    deeds = [registering(reach), post_for_area(reach)] if reach.may_keep_some() else []
    page.forms = forms(reach, deeds, request.get_full_path())
    return page, deeds


def _table(rows: list[Organisation], title: str = "") -> Table:
    wanted = Wanted()
    wanted.areas = {one.area_id for one in rows}
    names = Names(wanted, masked=False)
    above = Organisation.objects.using(MAIN).in_bulk([o.parent_id for o in rows if o.parent_id])
    lines = [
        [
            Cell(_name(one), href=reverse("organisation", args=[one.id])),
            Cell(wording.coded(wording.ORGANISATIONS, one.kind)),
            Cell(_name(above[one.parent_id])) if one.parent_id in above else NOTHING,
            Cell(names.place(one.area_id)),
        ]
        for one in rows
    ]
    columns = (
        word(("名称", "Name")),
        word(("类别", "Kind")),
        word(("上级", "Under")),
        word(("区域", "Area")),
    )
    return Table(title, columns, lines, word(("还没有组织", "None yet")))


def _name(one: Organisation) -> str:
    return word((one.name, one.latin or one.name))


@signed_in
def organisation(request: HttpRequest, organisation_id: int) -> HttpResponse:
    """One organisation: its place, members, posts, history and acts."""
    reach = Reach(request)
    found = organisation_or_404(reach, organisation_id)
    if request.method == "POST":
        return posted(request, lambda: _sheet(reach, found), reach)
    page, _deeds = _sheet(reach, found)
    return shown(request, page)


def _sheet(reach: Reach, body: Organisation) -> tuple[Sheet, list[Deed]]:
    members = list(members_at(body.id, reach.now_us))
    posts = list(Post.objects.using(MAIN).filter(organisation_id=body.id).order_by("-id"))
    wanted = Wanted()
    wanted.areas = {body.area_id}
    wanted.people = {m.person_id for m in members} | {p.person_id for p in posts}
    names = Names(wanted, masked=False)
    ended = body.until_us is not None
    page = Sheet(
        title=_name(body),
        kicker=wording.coded(wording.ORGANISATIONS, body.kind),
        crumbs=[(reverse("organisations"), word(("组织与岗位", "Bodies and posts")))],
        here=reverse("organisation", args=[body.id]),
        state=Cell(word(("已撤销", "Ended")), tone="mute") if ended else None,
        sub=[Cell(names.place(body.area_id), icon="map-pin")],
    )
    page.facts = [Fact(word(("编号", "Id")), Cell(str(body.id), is_code=True))]
    if body.from_us:
        page.facts.append(Fact(word(("成立", "Since")), Cell(us=body.from_us)))
    page.main = [_posts(posts, names, reach.now_us), _members(members, names)]
    under = Organisation.objects.using(MAIN).filter(parent_id=body.id, until_us=None)
    page.side = [_table(list(under), word(("下属组织", "Under it")))]
    page.history = lines_of(Organisation, body.id)
    deeds = [] if ended else deeds_of(reach, body, members, posts, names)
    page.forms = forms(reach, deeds, page.here)
    return page, deeds


def _posts(posts: list[Post], names: Names, now_us: int) -> Table:
    rows = [
        [
            Cell(names.official(one.person_id), href=reverse("party", args=[one.person_id])),
            Cell(wording.role(one.role), sub=word(("负责人", "head")) if one.is_head else ""),
            Cell(us=one.from_us) if one.from_us else NOTHING,
            Cell(us=one.until_us) if one.until_us else Cell(word(("至今", "Now")), tone="ok"),
        ]
        for one in posts
    ]
    columns = (
        word(("姓名", "Name")),
        word(("岗位", "Post")),
        word(("起", "From")),
        word(("止", "Until")),
    )
    return Table(word(("岗位", "Posts")), columns, rows, word(("没有岗位", "No post")))


def _members(members: list[Member], names: Names) -> Table:
    rows = [
        [
            Cell(names.official(one.person_id), href=reverse("party", args=[one.person_id])),
            Cell(us=one.from_us) if one.from_us else NOTHING,
        ]
        for one in members
    ]
    columns = (word(("姓名", "Name")), word(("起", "From")))
    return Table(word(("成员", "Members")), columns, rows, word(("没有成员", "None")))
