"""Links to pages without an account on a subject's own page: given, shown, taken back."""

from __future__ import annotations

from django.core import signing
from django.http import HttpRequest
from django.urls import reverse

from bihuan.console.home import clock, keys
from bihuan.console.people import People
from bihuan.console.register.deeds import Deed
from bihuan.console.register.reach import Reach
from bihuan.console.register.sheet import Cell, Table
from bihuan.console.register.wording import word
from bihuan.journal.storage import MAIN
from bihuan.register.models import Contact, Subject
from bihuan.register.near.acts import NearLinks, open_links
from bihuan.register.records.lists import may_edit
from bihuan.register.records.rows import Row
from bihuan.register.scheme import Field

SALT = "bihuan.near"


def token_of(link_id: int) -> str:
    """The part of the address that opens a link; made from its id, never stored."""
    return signing.Signer(salt=SALT).sign(str(link_id))


def near_deeds(row: Row) -> list[Deed]:
    """Giving a contact a page, and taking one back; whoever edits the subject may."""
    if not isinstance(row, Subject):
        return []
    links = open_links(row.id)
    contacts = Contact.objects.using(MAIN).filter(subject_id=row.id).order_by("rank", "id")
    have = {link.person_id for link in links}
    without = [one.person_id for one in contacts if one.person_id not in have]
    people = People(keys(), {*without, *have})
    acts, found = NearLinks(clock()), []
    if without:
        found.append(
            Deed(
                "near_give",
                ("开免登录页面", "Give a page without account"),
                lambda by, said: acts.give(row.id, int(said["whom"]), by),
                (_whom([(str(one), people.name(one)) for one in without]),),
                icon="users",
                note=word(
                    (
                        "当面扫码或用微信发给本人，不要用短信：短信里的链接会被当成诈骗。",
                        "Hand it over in person or by WeChat, never by text: "
                        "a link in a text looks like fraud.",
                    )
                ),
            )
        )
    if links:
        found.append(
            Deed(
                "near_revoke",
                ("停用免登录页面", "Stop a page without account"),
                lambda by, said: acts.revoke(int(said["whom"]), by),
                (_whom([(str(one.id), people.name(one.person_id)) for one in links]),),
                icon="lock",
            )
        )
    return found


def near_table(request: HttpRequest, reach: Reach, subject: Subject) -> list[Table]:
    """The links that open now, with their addresses, for who may give them."""
    links = open_links(subject.id)
    if not links or not may_edit(subject, reach.person_id, reach.now_us):
        return []
    people = People(keys(), {who for one in links for who in (one.person_id, one.given_by)})
    rows = [
        [
            Cell(people.name(one.person_id)),
            Cell(_address(request, one.id), is_code=True),
            Cell(people.name(one.given_by), us=None, sub=""),
        ]
        for one in links
    ]
    columns = (
        word(("谁的", "Whose")),
        word(("地址", "Address")),
        word(("联系人", "Who answers")),
    )
    note = word(("谁有这个地址谁就能看，只给本人", "Who has the address can look: the person only"))
    return [Table(word(("免登录页面", "Pages without account")), columns, rows, "", note=note)]


def _address(request: HttpRequest, link_id: int) -> str:
    return request.build_absolute_uri(reverse("near", args=[token_of(link_id)]))


def _whom(choices: list[tuple[str, str]]) -> Field:
    return Field(
        name="whom",
        title=("给谁", "For whom"),
        kind="choice",
        choices=tuple((code, (name, name)) for code, name in choices),
        is_required=True,
    )
