"""Erased by the schedule is gone from the bytes of every file, not only from the pages.

What a person said is planted in every way in which it comes in: filed, measured again, imported
with a fault beside it, found by search, taken out, looked at. Then the period ends. Each file of
the data folder, the write-ahead logs among them, is read as bytes: for the text as it is written,
as JSON escapes it, as a spreadsheet's and as UTF-16 has it, and inside what was compressed.
"""

from __future__ import annotations

import re
import sqlite3
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bihuan.journal.verify import verify
from bihuan.register.entries import Actor
from bihuan.register.imports.export import Exporter, Wanted
from bihuan.register.imports.staging import Desk
from bihuan.register.models import Person
from bihuan.register.parties.acts import NewPerson, PartyActs
from bihuan.register.records.acts import Opening
from bihuan.register.records.lists import opened_row
from bihuan.register.records.models import Record
from bihuan.register.retention.acts import erase_due, set_retention
from bihuan.register.retention.rules import Kept
from bihuan.register.search.find import Finder
from bihuan.register.search.index import Hasher, Index
from bihuan.wiring.commands import build
from tests.register.conftest import SCENARIO, Kitchen
from tests.register.imports.sheets import as_csv, resident

pytestmark = [
    pytest.mark.sqlite_only(reason="a server's files are not ours to read"),
    pytest.mark.django_db(transaction=True, databases="__all__"),
]
CLERK = Actor(person_id=None, role="registrar", via="test")
NAME, PHONE, WORDS = "欧阳照川", "0990 8642 1357", "对花生过敏，住在北坡"
NUMBER = resident(7, "19470606")


def forms(text: str) -> Iterator[bytes]:
    """The text as a file may hold it."""
    yield text.encode()
    yield text.encode("utf-16-le")
    yield re.sub(r"[^\x00-\x7f]", lambda found: f"\\u{ord(found[0]):04x}", text).encode()
    yield "".join(c for c in text if c.isdigit()).encode() or text.encode()


def inflated(content: bytes) -> Iterator[bytes]:
    """Whatever in a file is a zlib stream, unpacked."""
    for found in re.finditer(rb"\x78[\x01\x5e\x9c\xda]", content):
        try:
            yield zlib.decompressobj().decompress(content[found.start() :], 1_000_000)
        except zlib.error:
            continue


def files_with(folder: Path, *texts: str) -> list[tuple[str, str]]:
    """(file, text) of every planted text that any file of the folder holds."""
    wanted = [(text, form) for text in texts for form in set(forms(text))]
    found = set()
    for path in folder.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            for whole in (content, *inflated(content)):
                found |= {(path.name, text) for text, form in wanted if form in whole}
    return sorted(found)


def index(kitchen: Kitchen, data: Path) -> Finder:
    hasher = Hasher(data / "search.key")
    reader = Index(kitchen.keys, hasher)
    while reader.run_once():
        pass
    return Finder(kitchen.keys, hasher)


def test_row_whose_period_is_over_is_in_no_file(kitchen: Kitchen, data: Path) -> None:
    world = kitchen.world
    said = {"batch": kitchen.batch(), "grams": 130, "keeper": f"{NAME} {PHONE}"}
    new = Opening(SCENARIO, "sample", said, subject_id=kitchen.unit)
    row = kitchen.ledger.open(new, kitchen.by(kitchen.manager))
    eaten = kitchen.batch(eater=WORDS)
    kitchen.ledger.act(eaten, "measure", {"core": 71, "eater": WORDS}, kitchen.by(kitchen.manager))
    finder = index(kitchen, data)
    assert finder is not None
    shown = opened_row(row, kitchen.keys, kitchen.now_us) or {}
    assert str(shown["keeper"]).startswith(NAME), "it is there"
    assert files_with(data, NAME, PHONE, WORDS) == [], "sealed from the start"
    key = f"{SCENARIO}.sample"
    set_retention(Kept(key, 3, "县档案局", "2026-03-01", "青禾县"), world.clock, CLERK)
    world.wall.advance(days=4)
    ran = erase_due(world.clock, kitchen.keys)
    assert ran is not None
    assert ran.erased[key] == 1
    gone = Record.objects.get(id=row)
    assert (gone.is_erased, gone.sealed, gone.values) == (True, None, "{}")
    assert kitchen.keys.open(gone.sealed) is None
    assert opened_row(row, kitchen.keys, kitchen.now_us) is None
    assert files_with(data, NAME, PHONE, WORDS) == []
    assert not [one.broken for one in verify() if one.broken]


def test_erased_person_is_in_no_file_however_they_came_in(kitchen: Kitchen, data: Path) -> None:
    world = kitchen.world
    acts = PartyActs(world.clock, kitchen.keys, CLERK)
    person = acts.person(
        NewPerson(
            name=(NAME, "Ouyang Zhaochuan"),
            phone=PHONE,
            identity_number=NUMBER,
            area_id=world.people.village,
            address=WORDS,
            channels=["sms"],
        )
    )
    acts.rename(person, (f"{NAME}川", "Ouyang Zhao"))
    acts.rename(person, (NAME, "Ouyang Zhaochuan"))
    finder = index(kitchen, data)
    assert finder.find(NAME, lambda rows: rows, 9, ())
    sheet = [["姓名", "电话", "身份证号", "区划代码"], [NAME, PHONE, "1", "0"]]
    desk = Desk(world.clock, kitchen.keys, CLERK)
    desk.stage("persons", "名单.csv", as_csv(sheet), {})
    wanted = Wanted("persons", "csv", {}, "登记员")
    assert NAME.encode() in Exporter(world.clock, kitchen.keys, CLERK, None).export(wanted).content
    assert files_with(data, NAME, PHONE, NUMBER, WORDS) == [], "sealed from the start"
    sealed = bytes(Person.objects.get(id=person).name)
    raw = _key_of(data, person)
    assert files_with_bytes(data, raw) == ["keys.db"]
    done = CliRunner().invoke(build(["erase"]), ["erase", str(person), "--yes"])
    assert done.exit_code == 0, done.output
    assert type(kitchen.keys)(data / "keys.db").open(sealed) is None
    assert files_with_bytes(data, raw) == [], "the key itself is in no file either"
    assert files_with(data, NAME, PHONE, NUMBER, WORDS) == []
    assert not finder.find(NAME, lambda rows: rows, 9, ())


def _key_of(data: Path, person: int) -> bytes:
    with sqlite3.connect(data / "keys.db") as kept:
        found = kept.execute("SELECT key FROM person_key WHERE person = ?", (person,)).fetchone()
    return bytes(found[0])


def files_with_bytes(folder: Path, content: bytes) -> list[str]:
    found = [p for p in folder.rglob("*") if p.is_file() and content in p.read_bytes()]
    return sorted({p.name.removesuffix("-wal") for p in found})


def test_search_of_the_bytes_would_find_a_text(data: Path) -> None:
    (data / "a.db").write_bytes(b"x" + NAME.encode("utf-16-le"))
    (data / "b.db").write_bytes(b"x" + zlib.compress(f"{NAME}{PHONE}".encode()))
    (data / "c.db").write_bytes(b"\\u6b27\\u9633\\u7167\\u5ddd")
    assert files_with(data, NAME, PHONE) == [
        ("a.db", NAME),
        ("b.db", PHONE),
        ("b.db", NAME),
        ("c.db", NAME),
    ]
