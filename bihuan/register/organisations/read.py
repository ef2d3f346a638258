"""Posts and members as of any date, and whose superior somebody is."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from bihuan.base.errors import bad
from bihuan.journal.rows import Rows
from bihuan.journal.storage import MAIN
from bihuan.register.areas.spans import path_at
from bihuan.register.history.read import as_it_was
from bihuan.register.models import Post
from bihuan.register.organisations.models import Member, Organisation
from bihuan.register.parties.read import aliases


def posts_at(person_id: int, at_us: int) -> QuerySet[Post]:
    """The posts that a person held at a time, under whichever of its merged ids."""
    held = Post.objects.using(MAIN).filter(_is_at(at_us), person_id__in=aliases(person_id))
    return held.order_by("id")


def members_at(organisation_id: int, at_us: int) -> QuerySet[Member]:
    """Who belonged to an organisation at a time."""
    found = Member.objects.using(MAIN).filter(_is_at(at_us), organisation_id=organisation_id)
    return found.order_by("id")


def superiors(post_id: int, at_us: int) -> list[list[Post]]:
    """Who stood above a post at a time, nearest first: each level the heads of one place.

    Up the organisation and those above it, then up the areas; a person is never its own superior,
    and a level without a head is left out.
    """
    post = Post.objects.using(MAIN).filter(pk=post_id).first()
    if post is None:
        raise bad("post_id", post_id, "a post")
    own = aliases(post.person_id)
    levels = []
    for place in _places_above(post, at_us):
        heads = Post.objects.using(MAIN).filter(_is_at(at_us), is_head=True, **place)
        # a head of the post's own place is beside it, not above it
        is_beside = post.is_head and place == _place_of(post)
        found = [] if is_beside else list(heads.exclude(person_id__in=own).order_by("id"))
        if found:
            levels.append(found)
    return levels


def _places_above(post: Post, at_us: int) -> list[dict[str, int | None]]:
    above: list[dict[str, int | None]] = []
    seen: set[int] = set()
    organisation_id = post.organisation_id
    while organisation_id is not None and organisation_id not in seen:
        seen.add(organisation_id)
        above.append({"organisation_id": organisation_id})
        was = as_it_was(Organisation, organisation_id, at_us)
        organisation_id = was["parent_id"] if was is not None else None
    path = path_at(Rows(MAIN), post.area_id, at_us) or ""
    areas = [int(part) for part in reversed(path.split(".")) if part]
    return above + [{"organisation_id": None, "area_id": area_id} for area_id in areas]


def _place_of(post: Post) -> dict[str, int | None]:
    if post.organisation_id is not None:
        return {"organisation_id": post.organisation_id}
    return {"organisation_id": None, "area_id": post.area_id}


def _is_at(at_us: int) -> Q:
    return Q(from_us__lte=at_us) & (Q(until_us=None) | Q(until_us__gt=at_us))
