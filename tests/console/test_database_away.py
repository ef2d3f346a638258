"""The database is away: pages, API, `/health` and metrics say so with 503, in plain words."""

from __future__ import annotations

import pytest
from django.db import Error, InterfaceError, OperationalError
from django.test import Client, override_settings

from bihuan.console.access import keys
from bihuan.console.access.keys import Wanted
from bihuan.console.accounts import Desk
from bihuan.loop.models import Case, Happening
from tests.away import away
from tests.console.place import Place

pytestmark = [
    pytest.mark.both_databases,
    pytest.mark.django_db(transaction=True, databases="__all__"),
]
SAID = {"zh-hans": "数据库暂时不可用", "en": "The database is away"}
OPEN = ("/sign-in/", "/open/status/", "/open/report/")
PAGES = ("/", "/cases/", *OPEN)
BOTH = pytest.mark.parametrize("kind", [OperationalError, InterfaceError])


def browser(place: Place, role: str = "", language: str = "zh-hans") -> Client:
    """A browser that is shown what the site answers, where the site breaks too."""
    client = place.client(role, language)
    client.raise_request_exception = False
    return client


@BOTH
@pytest.mark.parametrize("language", SAID)
def test_pages_say_503_in_the_readers_language(
    place: Place, language: str, kind: type[Error]
) -> None:
    nobody, *clients = [browser(place, role, language) for role in ("", "command", "stranger")]
    with away(kind):
        answers = [nobody.get(page) for page in OPEN]
        answers += [client.get(page) for client in clients for page in PAGES]
    for answer in answers:
        assert answer.status_code == 503, answer.request["PATH_INFO"]
        assert answer["Retry-After"] == "5"
        assert SAID[language] in answer.content.decode()
        assert "王" not in answer.content.decode()
    assert clients[0].get("/").status_code == 200  # the same sign-in, when it is back


def test_act_of_the_outage_is_done_once_when_it_is_sent_again(place: Place) -> None:
    case = place.hold_key()
    client = browser(place, "village")
    said = {"act": "take", "key": "k-1"}
    with away():
        refused = client.post(f"/cases/{case}/act", said)
    assert refused.status_code == 503
    assert 'href="/"' in refused.content.decode()  # not the address that only takes a POST
    assert Case.objects.get(id=case).state == "awaiting_answer"
    for _again in range(2):
        assert client.post(f"/cases/{case}/act", said).status_code in (302, 303)
    assert Happening.objects.filter(case_id=case, kind="taken").count() == 1


def test_api_says_503_and_does_an_act_once(place: Place) -> None:
    """Same key, same answer: once it is back. A stranger's key is told no more than that."""
    case = place.hold_key()
    made = [keys.make(Wanted("12345", who, 30), Desk.here()) for who in place_people(place)]
    clients = [Client(headers={"Authorization": f"Bearer {text}"}) for text in made]
    for client in clients:
        client.raise_request_exception = False
    path, said = f"/api/v1/cases/{case}/acts", {"act": "take", "text": ""}
    more = {"content_type": "application/json", "headers": {"Idempotency-Key": "k-1"}}
    for language, words in (("zh-CN", "数据库暂时不可用"), ("en", "The database is away")):
        with away():
            headers = {"Idempotency-Key": "k-1", "Accept-Language": language}
            answers = [
                clients[0].post(path, said, "application/json", headers=headers),
                clients[0].get("/api/v1/cases", headers=headers),
                clients[1].get(f"/api/v1/cases/{case}", headers=headers),
            ]
        for answer in answers:
            assert (answer.status_code, answer["Retry-After"]) == (503, "5")
            assert words in answer.json()["error"]
    done = [clients[0].post(path, said, **more).json() for _again in range(2)]  # type: ignore[arg-type]  # as the client takes them
    assert done[0] == done[1]
    assert clients[1].get(f"/api/v1/cases/{case}").status_code == 404
    assert Happening.objects.filter(case_id=case, kind="taken").count() == 1


def place_people(place: Place) -> tuple[int, int]:
    return place.people.secretary, place.people.stranger


@BOTH
def test_health_says_that_the_database_is_away(place: Place, kind: type[Error]) -> None:
    client = browser(place)
    assert client.get("/health").json()["database"] == "answers"
    with away(kind):
        answer = client.get("/health")
    assert answer.status_code == 503
    said = answer.json()
    assert (said["status"], said["database"]) == ("fault", "away")


def test_metrics_say_that_the_database_is_down_and_count_nothing(place: Place) -> None:
    client = Client(headers={"Authorization": "Bearer meter"})
    with override_settings(BIHUAN_METRICS_TOKEN="meter"):
        before = client.get("/metrics").content.decode()
        with away():
            during = client.get("/metrics").content.decode()
    assert "bihuan_database_up 1.0" in before
    assert "bihuan_waiting" in before
    assert "bihuan_database_up 0.0" in during
    assert "bihuan_waiting" not in during
