"""Who works for an organisation, so that a case can be given to it: posts first, then members."""

from __future__ import annotations

from bihuan.journal.rows import Rows
from bihuan.register.holders import is_current
from bihuan.register.models import Post
from bihuan.register.organisations.read import members_at


def people(rows: Rows, organisation_id: int, at_us: int) -> list[int]:
    """Person ids, heads first, each once; nobody where the organisation has nobody."""
    posts = [
        post
        for post in rows.where(Post, organisation_id=organisation_id)
        if is_current(post, at_us)
    ]
    found = [post.person_id for post in sorted(posts, key=lambda p: (not p.is_head, p.id))]
    if not found:
        found = list(members_at(organisation_id, at_us).values_list("person_id", flat=True))
    return list(dict.fromkeys(found))
