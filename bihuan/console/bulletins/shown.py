"""A bulletin as pages and files show it: the paper of one of its texts."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from bihuan.base.time import CHINA, datetime_of
from bihuan.console.home import keys
from bihuan.console.people import People
from bihuan.figures.bulletins.acts import bound_of
from bihuan.figures.bulletins.entries import Claim
from bihuan.figures.bulletins.models import Bulletin, BulletinText
from bihuan.figures.bulletins.paper import Head, Issue, Paper, paper
from bihuan.figures.bulletins.periods import period_words
from bihuan.figures.bulletins.spoken import Language
from bihuan.journal.storage import MAIN
from bihuan.register.models import Area, County


def paper_of(
    bulletin: Bulletin, row: BulletinText, issued: Sequence[BulletinText], language: Language
) -> Paper:
    """The paper of a text; issued: every version so far, for the trail."""
    at = 0 if language == "zh" else 1
    area = Area.objects.using(MAIN).filter(id=bulletin.area_id).first()
    mode = County.objects.using(MAIN).values_list("mode", flat=True).first() or "drill"
    people = People(keys(), [one.issued_by for one in issued])
    trail = [
        Issue(one.version or 0, _at(one.issued_us), people.name(one.issued_by), one.reason or "")
        for one in issued
    ]
    head = Head(
        language=language,
        title=bulletin.title_zh if at == 0 else bulletin.title_en,
        place=_place(area, language),
        period=period_words(bulletin.period)[at],
        mode=mode,
        version=row.version or 0,
        issued=_at(row.issued_us),
        digest=row.digest,
        withdrawn=bulletin.withdrawn_reason or "",
        trail=tuple(trail),
    )
    claims = msgspec.json.decode(row.claims, type=list[Claim])
    return paper(head, row.zh if at == 0 else row.en, bound_of(row), claims)


def _place(area: Area | None, language: Language) -> str:
    """In the paper's language, whatever the reader's is."""
    if area is None:
        return ""
    return area.name if language == "zh" else area.latin or area.name


def _at(us: int | None) -> str:
    return "" if us is None else f"{datetime_of(us).astimezone(CHINA):%Y-%m-%d %H:%M}"
