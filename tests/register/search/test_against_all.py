"""What the finder finds is what a plain walk over every document finds, each way of asking."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.db.models import QuerySet

from bihuan.base.time import MovableClock
from bihuan.journal import county as journal_county
from bihuan.journal.keys import KeyRing
from bihuan.journal.rows import Rows
from bihuan.journal.storage import MAIN
from bihuan.register.acts import Registrar
from bihuan.register.search import tokens
from bihuan.register.search.find import Finder
from bihuan.register.search.index import Hasher, Index, nouns
from bihuan.register.search.models import SearchRow

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db(databases="__all__")]

# invented; characters of several readings, one to four characters, compound and minority names
NAMES = tuple(
    "弄玉 单于华 单红 曾小曾 曾国弄 仇英 欧阳单 上官弄玉 尉迟恭敬 解晓东 买买提·艾山"
    " 阿依古丽·吐尔逊 王 王王 王桂兰 桂兰王 兰桂 李弄潮 乐乐 重阳 查理 盖伟 朴仁 区小区 缪斯"
    " Anna_Li O'Neil Li-Na 张三李四 长长".replace("_", " ").split()
)
ASKED = (
    "王|桂兰|王桂兰|兰桂|弄|单|曾国|nl|ln|ly|ny|sh|ch|c|z|wgl|gl|sgny|sgly|yl|ll|yy|买买提|艾山"
    "|anna|an|li|o|neil|na li|li 王|王 兰|zhang|0007|13900000007|00000|139|x|王玉|张四|person"
    '|  |·|%|_|"|*|1390000000712|+139-0000-0007|w g l|５５６６'
)


def test_finder_finds_what_a_walk_over_all_finds(
    data: Path, clock: MovableClock, keys: KeyRing
) -> None:
    journal_county.create("青禾县", clock, lanes=4)
    hasher, to = Hasher(data / "search.key"), Registrar(clock, keys)
    here = to.area("330402101203", ("沈家弄村", "Shenjianong"), "village", None)
    there = to.area("330402101204", ("单桥", "Shanqiao"), "village", None)
    for n, name in enumerate(NAMES):
        person = to.person(name, f"Person {n}" if n % 3 else "Wang Guilan", f"139{n:08}")
        to.subject("elder_care", "elder", person, here if n % 2 else there)
    index = Index(keys, hasher)
    while index.run_once():
        pass
    rows, finder = Rows(MAIN), Finder(keys, hasher)
    held = list(SearchRow.objects.all())
    for path in ("", f"{here}."):

        def may_see(found: QuerySet[SearchRow], path: str = path) -> QuerySet[SearchRow]:
            return found.filter(path__startswith=path)

        for query in ASKED.split("|"):
            wanted = set()
            for row in held:
                said = nouns()[row.noun].document(rows, keys, row.row)
                rank = tokens.rank(said[0], query) if said is not None else None
                if rank is not None and row.path.startswith(path):
                    wanted.add((rank, row.noun, row.row))
            hits = finder.find(query, may_see, most=len(held))
            assert [(hit.rank, hit.noun, hit.row) for hit in hits] == sorted(wanted), (query, path)
