"""A call-out stands among my tasks with its words, and is gone once it is answered or over."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from bihuan.journal.models import FACTS_LANE, Entry
from bihuan.loop.callout.models import CallOut, CallOutAide, CallOutPerson
from tests.console.place import Place
from tests.rebuilt import differences

pytestmark = pytest.mark.django_db(databases="__all__")
ZH, EN = "立即转移低洼处住户", "Move those who live low, now"


def order(place: Place, **more: str) -> int:
    form = {
        "zh": ZH, "en": EN, "areas": [str(place.people.village)], "roles": ["village_duty"],
        "severity": "critical", "mode": "live", "wakes": "1", "key": f"k{more}", **more,
    }  # fmt: skip
    answer = place.client("command").post("/callouts/order", form)
    assert answer.status_code == 302, answer.content.decode()
    place.settle()
    return CallOut.objects.order_by("-id")[0].id


def tasks(client: Client) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.get("/api/v1/tasks").json()
    return found


def do(client: Client, name: str, number: int) -> int:
    said = {"do": name, "id": number, "key": f"{name}-{number}"}
    return int(client.post("/tasks/do", said).status_code)


def over(place: Place, identity: int, **said: str) -> None:
    answer = place.client("command").post(f"/callouts/{identity}/over", said)
    assert answer.status_code == 302, answer.content.decode()


def callee(place: Place, role: str = "village") -> CallOutPerson:
    return CallOutPerson.objects.filter(person_id=place.person(role)).order_by("-id")[0]


def test_order_to_me_stands_among_my_tasks_with_its_words_and_one_button(place: Place) -> None:
    order(place, issuer="青禾县气象台", level="暴雨红色预警信号")
    village = place.client("village")
    [task] = tasks(village)
    assert (task["kind"], task["acts"]) == ("call_out", ["go", "decline"])
    for words in ("青禾县气象台", "暴雨红色预警信号", ZH):
        assert words in task["detail"]
    page = village.get("/tasks/").content.decode()
    assert ZH in page
    assert "收到，照办" in page
    assert EN in place.client("village", "en").get("/tasks/").content.decode()
    assert do(village, "go", task["id"]) == 302
    assert (callee(place).state, callee(place).how) == ("confirmed", "page")
    assert tasks(village) == []
    assert ZH not in village.get("/tasks/").content.decode()
    assert differences() == []


def test_order_is_answered_over_the_api_once(place: Place) -> None:
    order(place)
    village = place.client("village")
    [task] = tasks(village)
    body = {"do": "go", "id": task["id"]}
    for key in ("a", "a", "b"):
        answer = village.post(
            "/api/v1/tasks/acts", body, "application/json", headers={"Idempotency-Key": key}
        )
        assert (answer.status_code, answer.json()) == (200, {"is_done": True})
    said = Entry.objects.filter(lane=FACTS_LANE, type__startswith="delivery.told")
    idem = [one for one in said if one.idem and b"confirmed" in bytes(one.idem)]
    assert len(idem) == 1


def test_strangers_and_others_neither_see_nor_answer_it(place: Place) -> None:
    order(place)
    [task] = tasks(place.client("village"))
    for role in ("stranger", "family", "neighbour", "town", "command"):
        client = place.client(role)
        assert tasks(client) == []
        assert ZH not in client.get("/tasks/").content.decode()
        assert do(client, "go", task["id"]) == 404
    assert Client().get("/api/v1/tasks").status_code == 401
    assert callee(place).confirmed_us is None


@pytest.mark.parametrize("said", [{"act": "lift", "zh": "解除", "issuer": "气象台"},
                                  {"act": "end", "reason": "误发"}])  # fmt: skip
def test_order_that_is_lifted_or_ended_is_no_task_any_more(
    place: Place, said: dict[str, str]
) -> None:
    identity = order(place)
    [task] = tasks(place.client("village"))
    over(place, identity, **said)  # before anybody was let go of
    assert tasks(place.client("village")) == []
    assert do(place.client("village"), "go", task["id"]) == 409
    place.settle()
    assert tasks(place.client("village")) == []


def test_superseding_order_takes_the_place_of_the_old_one(place: Place) -> None:
    old = order(place, event="rain", issuer="气象台", level="橙色")
    order(place, event="rain", supersedes=str(old), issuer="气象台", level="红色")
    [task] = tasks(place.client("village"))
    assert "红色" in task["detail"]


def test_who_cannot_says_so_and_is_asked_again_only_when_called_anew(place: Place) -> None:
    order(place)
    village = place.client("village")
    [task] = tasks(village)
    assert do(village, "decline", task["id"]) == 302
    assert (callee(place).reason, callee(place).reached_us is not None) == ("cannot", True)
    assert tasks(village) == []


def test_superior_finds_who_did_not_answer_and_says_i_will(place: Place) -> None:
    order(place)
    place.wait(minutes=6)
    town = place.client("town")
    [task] = tasks(town)
    assert "沈文启" in task["detail"]
    assert "我来办" in town.get("/tasks/").content.decode()
    assert do(town, "go", task["id"]) == 302
    assert CallOutAide.objects.get(task="superior").confirmed_us == place.clock.now_us()
    assert tasks(town) == []
    [own] = tasks(place.client("village"))
    assert do(place.client("village"), "go", own["id"]) == 302  # late, and just as good


def test_superior_has_nothing_left_when_the_person_answers_late(place: Place) -> None:
    order(place)
    place.wait(minutes=6)
    [task] = tasks(place.client("town"))
    [own] = tasks(place.client("village"))
    assert do(place.client("village"), "go", own["id"]) == 302
    assert tasks(place.client("town")) == []
    assert do(place.client("town"), "go", task["id"]) == 409


def test_drill_is_marked_as_one_among_the_tasks(place: Place) -> None:
    order(place, mode="drill")
    [task] = tasks(place.client("village"))
    assert "【演练】" in task["title"]
    assert "【演练】" in task["detail"]


def test_call_out_stands_where_its_next_call_puts_it(place: Place) -> None:
    """The order calls again after 100 s, the ladder of the SOS climbs after three minutes."""
    place.hold_key()
    order(place)
    kinds = [one["kind"] for one in tasks(place.client("village"))]
    assert kinds == ["call_out", "call"]
