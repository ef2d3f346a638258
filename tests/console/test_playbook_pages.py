"""办理流程: every playbook that is installed can be opened, drawn and read, as page and API."""

from __future__ import annotations

import pytest

from bihuan.base.bilingual import plain
from bihuan.loop.playbook import Playbook
from bihuan.loop.scenario import installed
from bihuan.scenarios import load
from tests.console.place import Place

load()
BOOKS = [book for scenario in installed().values() for book in scenario.playbooks]

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")


@pytest.mark.parametrize("book", BOOKS, ids=lambda book: book.key)
def test_every_playbook_is_a_page_with_all_its_limits(place: Place, book: Playbook) -> None:
    client = place.client("command")
    page = client.get(f"/playbooks/{book.key}/")
    assert page.status_code == 200
    told = page.content.decode()
    assert book.title[0] in told
    for act in book.acts:
        assert act.title is None or act.title[0] in told
    for clock in book.clocks:
        source = plain(clock.limit.source, is_english=False)
        assert source in told.replace("&#x27;", "'")


def test_the_list_leads_with_the_newest_version_and_keeps_the_older_behind_it(place: Place) -> None:
    told = place.client("command").get("/playbooks/").content.decode()
    for book in BOOKS:
        assert f'href="/playbooks/{book.key}/"' in told, book.key
    newest = {book.name: max(b.version for b in BOOKS if b.name == book.name) for book in BOOKS}
    assert told.count('class="btn" href="/playbooks/') == len(newest)
    for name, version in newest.items():
        assert f'class="btn" href="/playbooks/{name}@{version}/"' in told
