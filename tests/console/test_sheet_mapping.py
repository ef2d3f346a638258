"""A file whose headings nobody knows: columns chosen by hand, looked at again, remembered."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from bihuan.register.imports.models import Import, Staged
from bihuan.register.imports.publish import Publisher
from bihuan.register.imports.staging import counts_of, drop
from bihuan.register.models import Person
from tests.console.place import Place
from tests.register.imports.sheets import as_csv

pytestmark = pytest.mark.django_db(databases="__all__")
ODD = [
    ["村民大名", "联系号码", "哪个村", "备忘"],
    ["赵新", "13900001111", "990100008202", "爱下棋"],
    ["钱二", "13900002222", "990100008202", ""],
]


def hand_in(place: Place, role: str = "command") -> str:
    """Where the page goes after a file was handed in."""
    file = SimpleUploadedFile("a.csv", as_csv(ODD))
    answer = place.client(role).post("/sheets/persons/in", {"file": file})
    assert answer.status_code == 302
    return str(answer["Location"])


def by_hand(**fields: str) -> dict[str, str]:
    return {f"column-{name[1:]}": field for name, field in fields.items()}


def test_unknown_headings_are_mapped_on_the_page_and_published(place: Place) -> None:
    at, client = hand_in(place), place.client("command")
    text = client.get(at).content.decode()
    for said in ("手工对应列", "村民大名", "赵新 / 钱二", "爱下棋", "姓名 *"):
        assert said in text, said
    assert re.search(r"<details[^>]* open>", text), "it stands open where a heading is unknown"
    assert 'name="which"' not in text, "nothing can be published yet"
    mapped = by_hand(c1="name", c2="phone", c3="area_code", c4="")
    answer = client.post(f"{at}map", mapped)
    assert answer.status_code == 302
    fresh = answer["Location"]
    assert fresh != at
    assert client.get(at).status_code == 404, "the old look is gone"
    held = Staged.objects.get()
    assert (counts_of(held)["new"], counts_of(held)["faulty"], held.is_readable) == (2, 0, True)
    assert client.post(f"{fresh}publish", {"which": "all"}).status_code == 302
    Publisher(place.clock, place.keys, rest=lambda _s: None).run()
    assert Import.objects.get().done == 2
    assert "手工对应列" not in client.get(fresh).content.decode(), "done is done"
    assert client.post(f"{fresh}map", mapped).status_code == 422
    hand_in(place)
    again = Staged.objects.order_by("-id")[0]
    assert counts_of(again)["same"] == 2, "remembered: no hand is needed"
    assert Person.objects.filter(id__gt=Import.objects.get().id).count() == 2


def test_two_columns_of_one_field_and_a_missing_one_are_told_by_cell(place: Place) -> None:
    at, client = hand_in(place), place.client("command")
    answer = client.post(f"{at}map", by_hand(c1="name", c2="phone", c3="phone", c4=""))
    text = client.get(answer["Location"]).content.decode()
    assert "C1" in text
    answer = client.post(f"{answer['Location']}map", by_hand(c1="", c2="phone", c3="area_code"))
    text = client.get(answer["Location"]).content.decode()
    assert "A1" in text
    assert not Staged.objects.get().is_readable
    assert client.post(f"{answer['Location']}map", by_hand(c1="mood")).status_code == 422


def test_file_is_kept_sealed_and_only_its_own_person_maps_it(place: Place, data: Path) -> None:
    at = hand_in(place)
    (file,) = (data / "imports").iterdir()
    assert "赵新".encode() not in file.read_bytes()
    for role in ("stranger", "town", "family"):
        assert place.client(role).post(f"{at}map", by_hand(c1="name")).status_code == 404, role
    assert place.client().post(f"{at}map", by_hand(c1="name")).status_code == 302
    assert Staged.objects.count() == 1
    drop(Staged.objects.get().id)
    assert list((data / "imports").iterdir()) == []
