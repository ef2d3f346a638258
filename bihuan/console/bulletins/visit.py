"""Who may see which text of a bulletin: editors all, others what was issued and released."""

from __future__ import annotations

from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest

from bihuan.console.home import clock
from bihuan.console.press import reach
from bihuan.console.press.series_pages import above
from bihuan.figures.bulletins.models import Bulletin, BulletinText
from bihuan.journal.storage import MAIN


def bulletins_of(request: HttpRequest) -> QuerySet[Bulletin]:
    """Every bulletin that this person may see: drafts and embargoed ones only as an editor."""
    wanted = Q(pk__in=())
    for path in reach.paths(request, "edit"):
        wanted |= Q(area_path__startswith=path)
    released = Q(version__gt=0, release_us__lte=clock().now_us())
    for path in reach.paths(request, "see"):
        wanted |= released & (Q(area_path__startswith=path) | Q(area_path__in=above(path)))
    return Bulletin.objects.using(MAIN).filter(wanted)


def bulletin_or_404(request: HttpRequest, bulletin_id: int) -> Bulletin:
    """A bulletin that this person may see."""
    row = bulletins_of(request).filter(id=bulletin_id).first()
    if row is None:
        raise Http404
    return row


def may_edit(request: HttpRequest, bulletin: Bulletin) -> bool:
    """Whether this person writes it."""
    return reach.may(request, "edit", bulletin.area_path)


def may_issue(request: HttpRequest, bulletin: Bulletin) -> bool:
    """Whether this person's post releases bulletins; not those that they wrote."""
    return reach.may(request, "act", bulletin.area_path)


def texts_of(request: HttpRequest, bulletin: Bulletin) -> list[BulletinText]:
    """Its texts, oldest first: of a reader those that were issued and released."""
    found = BulletinText.objects.using(MAIN).filter(bulletin_id=bulletin.id).order_by("n")
    if may_edit(request, bulletin):
        return list(found)
    return list(found.filter(version__isnull=False, release_us__lte=clock().now_us()))


def text_or_404(request: HttpRequest, bulletin: Bulletin, version: int | None) -> BulletinText:
    """A version, or the newest text that this person may see."""
    rows = texts_of(request, bulletin)
    if version is not None:
        rows = [row for row in rows if row.version == version]
    if not rows:
        raise Http404
    return rows[-1]
