"""Devices, rosters, areas, parties, organisations: who sees and keeps what; acts end to end."""

from __future__ import annotations

import re

import pytest

from bihuan.base.time import CHINA, datetime_of
from bihuan.console.access.models import KeptAnswer
from bihuan.gateway.arrival import Arrival
from bihuan.gateway.decoders import PROTOCOLS
from bihuan.gateway.decoders.protocol import PLAIN
from bihuan.gateway.intake import Intake
from bihuan.gateway.simulate import SOS_BIT, alarm_frame
from bihuan.register.models import Area, Device, Post
from bihuan.register.organisations.models import Organisation
from bihuan.register.parties.models import Party, ProposedDuplicate
from bihuan.register.rosters.models import Roster, RosterOverride
from tests.console.place import BAND, ELDER, HERE, Place

pytestmark = pytest.mark.django_db(databases="__all__")
PAGES = ("/devices/", "/rosters/", "/areas/", "/parties/", "/organisations/", "/ledgers/")


def post(place: Place, who: str, path: str, act: str, /, **said: object) -> int:
    """Send a form; its status."""
    fields = {f"v.{name}": str(value) for name, value in said.items()}
    key = f"{act}-{len(repr(sorted(fields.items())))}-{abs(hash(repr(fields))) % 10**8}"
    answer = place.client(who).post(path, {"act": act, "key": key, **fields})
    return answer.status_code


def local(us: int) -> str:
    return f"{datetime_of(us).astimezone(CHINA):%Y-%m-%dT%H:%M}"


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_register_opens_for_officials_and_not_for_strangers(
    place: Place, path: str, language: str
) -> None:
    for role, status in (("command", 200), ("village", 200), ("stranger", 404), ("", 302)):
        assert place.client(role, language).get(path).status_code == status, role


def test_a_device_goes_from_hand_to_hand(place: Place) -> None:
    path = f"/devices/{place.people.device}/"
    assert place.client("neighbour").get(path).status_code == 404  # another village's elder has it
    shown = place.client("town").get(path).content.decode()
    assert "王**" in shown
    assert ELDER not in shown
    assert post(place, "village", path, "release", reason="returned") == 404  # sees, keeps not
    assert post(place, "town", path, "release", reason="burnt") == 422
    assert post(place, "town", path, "release", reason="returned") == 302
    assert Device.objects.get().subject_id is None
    assert post(place, "town", path, "bind", subject="张三丰") == 422
    assert post(place, "town", path, "bind", subject=ELDER) == 302
    assert Device.objects.get().subject_id == place.people.subject
    said = {"certificate": "JZ-1", "done_on": "2026-03-01", "due_on": "2026-02-01"}
    assert post(place, "town", path, "calibrate", **said) == 422
    assert post(place, "town", path, "calibrate", **{**said, "due_on": "2027-03-01"}) == 302
    assert "JZ-1" in place.client("town").get(path).content.decode()


def test_an_unknown_band_shows_its_bytes_and_is_adopted(place: Place) -> None:
    now_us = place.clock.now_us()
    frame = alarm_frame("9900000777", "0001", HERE, (SOS_BIT,), now_us)
    decoded = PROTOCOLS["watch"].decoder(PLAIN).decode(frame, datetime_of(now_us))
    Intake(place.clock, place.keys).store([Arrival("watch", frame, decoded, now_us)])
    shown = place.client("town").get("/devices/").content.decode()
    assert "9900000777" in shown
    assert frame.hex(" ")[:40] in shown
    assert frame.hex(" ")[:40] not in place.client("village").get("/devices/").content.decode()
    said = {"protocol": "watch", "number": "9900000777"}
    assert post(place, "village", "/devices/", "adopt", **said) == 404
    assert post(place, "town", "/devices/", "adopt", **said) == 302
    assert Device.objects.filter(number="9900000777").count() == 1
    assert BAND in place.client("town").get("/devices/?state=never").content.decode()


def test_a_roster_is_made_followed_covered_and_swapped(place: Place) -> None:
    now_us = place.clock.now_us()
    made = {"title": "石桥村夜班", "role": "village_duty", "waking": "no"}
    made |= {"area": str(place.people.village)}
    assert post(place, "village", "/rosters/", "make", **made) == 404
    assert post(place, "command", "/rosters/", "make", **made) == 302
    roster = Roster.objects.get()
    path = f"/rosters/{roster.id}/"
    assert place.client("neighbour").get(path).status_code == 404
    shown = place.client("town").get("/rosters/").content.decode()
    assert "今晚有 1 个班次无人值班" in shown
    today = f"{datetime_of(now_us).astimezone(CHINA):%Y-%m-%d}"
    pattern = {
        "shifts": "白班 08:00-20:00\n夜班 20:00-08:00 每天",
        "crews": "沈文启\n刘芳",
        "anchor": today,
        "turn_days": 1,
        "stagger": "yes",
        "since": local(now_us),
    }
    assert post(place, "town", path, "follow", **{**pattern, "crews": "无此人\n刘芳"}) == 422
    assert post(place, "town", path, "follow", **{**pattern, "shifts": "夜班 25-8"}) == 422
    assert post(place, "town", path, "follow", **pattern) == 302
    shown = place.client("town").get(path).content.decode()
    assert "沈文启" in shown
    assert "刘芳" in shown
    ical = place.client("village").get(path + "calendar.ics")
    assert ical.status_code == 200
    assert "演示" in ical.content.decode()
    later = now_us + 3_600_000_000
    cover = {
        "shift": "白班",
        "from": local(later),
        "until": local(later + 3_600_000_000),
        "people": "何晓梅",
        "reason": "开会",
    }
    assert post(place, "town", path, "cover", **cover) == 302
    assert RosterOverride.objects.count() == 1


def test_an_area_changes_its_name_and_merges_and_was(place: Place) -> None:
    path = f"/areas/{place.people.village}/"
    assert place.client("neighbour").get(path).status_code == 404
    now = local(place.clock.now_us())
    change = {
        "name": "新石桥村",
        "latin": "New Shiqiao",
        "code": "990100008202",
        "level": "village",
        "parent": place.people.town,
        "since": now,
    }
    assert post(place, "town", path, "change", **change) == 404
    place.wait(minutes=5)
    assert (
        post(place, "command", path, "change", **{**change, "parent": place.people.village}) == 422
    )
    assert post(place, "command", path, "change", **change) == 302
    assert Area.objects.get(id=place.people.village).name == "新石桥村"
    shown = place.client("command").get(path + "?on=2000-01-02").content.decode()
    assert "石桥村" in shown
    assert place.client("command").get(path + "?on=x").status_code == 422


def test_a_person_a_post_and_a_duplicate(place: Place) -> None:
    person = {
        "name": "周小满",
        "latin": "Zhou Xiaoman",
        "phone": "0990 7000 0001",
        "area": place.people.village,
    }
    assert post(place, "town", "/parties/", "person", **person) == 404
    assert post(place, "command", "/parties/", "person", **person) == 302
    assert post(place, "command", "/parties/", "person", **{**person, "latin": "Zhou X"}) == 302
    pair = ProposedDuplicate.objects.get()
    masked = place.client("village").get("/parties/").content.decode()
    assert "周**" in masked
    assert "周小满" not in masked
    assert place.client("village").get(f"/parties/{pair.first_id}/").status_code == 200
    assert place.client("neighbour").get(f"/parties/{pair.first_id}/").status_code == 404
    assert place.client("town").get("/parties/duplicates/").status_code == 404
    assert place.client("command").get("/parties/duplicates/").status_code == 200
    assert post(place, "command", "/parties/duplicates/", f"one-{pair.id}", why="") == 302
    assert Party.objects.get(id=pair.second_id).survivor_id == pair.first_id
    now = local(place.clock.now_us())
    body = {"name": "石桥村委会", "kind": "committee", "area": place.people.village, "since": now}
    assert post(place, "command", "/organisations/", "register", **body) == 302
    body_id = Organisation.objects.get().id
    path = f"/organisations/{body_id}/"
    seat = {
        "person": pair.first_id,
        "role": "village_duty",
        "since": now,
        "single": "yes",
        "head": "yes",
    }
    assert post(place, "town", path, "post", **seat) == 404
    assert post(place, "command", path, "post", **{**seat, "person": place.people.commander}) == 422
    assert post(place, "command", path, "post", **seat) == 302
    assert Post.objects.filter(person_id=pair.first_id).count() == 1
    assert "周小满" in place.client("command").get(path).content.decode()


@pytest.mark.parametrize("path", PAGES)
def test_english_pages_have_no_chinese_of_ours(place: Place, path: str) -> None:
    shown = place.client("command", "en").get(path).content.decode().replace("中文", "")
    assert re.findall(r"[\u4e00-\u9fff]+", shown) == []


@pytest.mark.parametrize(
    "path", ["devices", "rosters", "areas", "parties", "organisations", "devices/1", "areas/1"]
)
def test_api_gives_a_stranger_nothing(place: Place, path: str) -> None:
    address = f"/api/v1/register/{path}"
    assert place.client("stranger").get(address).status_code == 404
    assert place.client().get(address).status_code == 401


def test_api_lists_what_the_pages_list_and_does_their_acts(place: Place) -> None:
    client, base = place.client("town"), "/api/v1/register"
    listed = client.get(f"{base}/devices").json()["rows"]
    assert [(one["number"], one["health"]) for one in listed] == [(BAND, "never")]
    path = f"{base}/devices/{place.people.device}"
    acts = {one["act"] for one in client.get(path).json()["acts"]}
    assert {one for one in acts if not one.startswith("order_")} == {"release", "sim", "calibrate"}
    names = [one["name"] for one in client.get(f"{base}/parties").json()["rows"]]
    assert "王**" in names
    assert ELDER not in names

    def send(key: str, **values: object) -> int:
        body, headers = {"act": "release", "values": values}, {"Idempotency-Key": key}
        kind = "application/json"
        return client.post(f"{path}/acts", body, content_type=kind, headers=headers).status_code

    assert send("a", reason="burnt") == 422
    assert send("b", reason="lost") == 200
    assert send("b", reason="lost") == 200  # answered again, done once
    assert send("c", reason="lost") == 404  # nobody has it: there is nothing to take back
    assert client.get(f"{base}/areas/{place.people.village}").json()["thing"]["name"] == "石桥村"
    assert client.get(f"{base}/rosters").json() == {"rows": [], "next": None}


def test_api_act_whose_answer_was_lost_is_answered_with_the_same_id(place: Place) -> None:
    """The process ended between the act's commit and keeping its answer; the client asks again."""
    client = place.client("command")
    acts = {
        "parties": ("person", {"name": "赵一", "area": place.people.village}),
        "areas": ("register", {"name": "新村", "code": "990100008203", "level": "village",
                               "parent": place.people.town, "schematic": True,
                               "since": "2026-01-01T00:00:00Z"}),
        "organisations": ("register", {"name": "水务所", "kind": "department",
                                       "area": place.people.town,
                                       "since": "2026-01-01T00:00:00Z"}),
    }  # fmt: skip
    for noun, (act, values) in acts.items():
        answers = []
        for _twice in range(2):
            answer = client.post(
                f"/api/v1/register/{noun}",
                {"act": act, "values": values},
                "application/json",
                headers={"Idempotency-Key": "lost"},
            )
            assert answer.status_code == 200, (noun, answer.content)
            answers.append(answer.json()["id"])
            KeptAnswer.objects.all().delete()
        assert answers[0] == answers[1], noun
    assert Area.objects.filter(code="990100008203").count() == 1
    assert Organisation.objects.filter(name="水务所").count() == 1


def test_merging_whose_answer_was_lost_is_answered_again_and_undone_as_well(place: Place) -> None:
    """Once merged, merging is not offered any more: the same request is still the same act."""
    client, people = place.client("command"), place.people
    twin = place.registrar.person("王桂兰", "Wang Guilan", "0990 4000 0009")

    def send(act: str, key: str, **values: object) -> tuple[int, object]:
        answer = client.post(
            f"/api/v1/register/parties/{twin}/acts",
            {"act": act, "values": values},
            "application/json",
            headers={"Idempotency-Key": key},
        )
        KeptAnswer.objects.all().delete()  # what was kept of the answer is lost
        return answer.status_code, answer.json()

    into = {"into": people.elder, "why": "同一人"}
    first = send("merge", "m", **into)
    assert first[0] == 200
    assert send("merge", "m", **into) == first
    assert send("merge", "other", **into)[0] == 404, "a new request finds nothing to merge"
    undone = send("unmerge", "u")
    assert undone[0] == 200
    assert send("unmerge", "u") == undone
    assert send("merge", "m", **into) == first, "said again late, it does not merge anew"
    assert Party.objects.get(id=twin).survivor_id is None
    other = place.registrar.person("王桂兰", "Wang Guilan", "0990 4000 0008")
    elsewhere = client.post(
        f"/api/v1/register/parties/{other}/acts",
        {"act": "unmerge", "values": {}},
        "application/json",
        headers={"Idempotency-Key": "u"},
    )
    assert elsewhere.status_code == 404, "a key of another party's act is none of this one's"
    form = {"act": "merge", "key": "page", "v.into": people.elder}
    assert client.post(f"/parties/{twin}/", form).status_code == 302
    KeptAnswer.objects.all().delete()
    assert client.post(f"/parties/{twin}/", form).status_code == 302
    assert client.post(f"/parties/{twin}/", {**form, "key": "new"}).status_code == 404
