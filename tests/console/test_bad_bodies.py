"""Bad addresses, headers and bodies at every address of the API: told by field, never a 500.

What is sent is made from the API's own table: each body with one thing wrong, each place of an
address with what is no id, each query with what is no cursor. What may come back is a refusal that
names the field, what was got and what is wanted; 404 for what is not there; or the answer itself
where the oddity is allowed. `check` holds what a refusal looks like.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest
from django.test import Client

from tests.console.api_matrix import MATRIX
from tests.console.place import BACKEND, Place
from tests.console.test_api_matrix import filled, of

pytestmark = pytest.mark.django_db(databases="__all__")
__all__ = ["filled"]

LONG = "长" * 70_000
# in place of a whole body
BODIES: dict[str, bytes] = {
    "nothing": b"",
    "cut": b'{"act": "ta',
    "list": b"[]",
    "null": b"null",
    "text": b'"x"',
    "number": b"1",
    "not a number": b'{"x": NaN}',
    "no utf-8": b'{"x": "\xff\xfe"}',
    "deep": b'{"x":' + b"[" * 20_000 + b"]" * 20_000 + b"}",
    "unknown": b'{"nobody_knows_this": 1}',
    "many digits": b'{"x": ' + b"9" * 5_000 + b"}",
}
# in place of one field
VALUES: dict[str, Any] = {
    "nul": "a\x00b",
    "surrogate": "\ud800",
    "long": LONG,
    "list": [],
    "object": {},
    "null": None,
    "huge": 10**40,
    "beyond a float": 10**400,
    "negative": -1,
    "past int64": 2**63,
    "truth": True,
    "part": 0.5,
    "empty": "",
    "nul in list": ["a\x00b"],
    "nul in object": {"a\x00b": "a\x00b"},
    "surrogate in object": {"x": "\udfff"},
}
PLACES = ("0", "-1", "1e3", "99999999999999999999999", "%00", "x%00y", "%ff", "a" * 3_000, "１２")
QUERIES = (
    "cursor=%00", "cursor=" + "a" * 300, "limit=x", "limit=0", "limit=99999999999999999999",
    "q=%00", "q=a%00b", "q=%ff", "area_id=%00", "area_id=-1", "period=%00", "period=2026-99",
    "area=99999999999999999999", "part=x", "since=%00", "at=yesterday", "at=0001-01-01T00:00:00Z",
    "since=9999-12-31T23:59:59Z", "days=x", "state=%00", "number=a%00b", "h=%00", "h=²", "form=%00",
    "f.name=%00", "subject=%00", "subject=²", "skip=-1", "before=%00", "version=x", "noun=%00",
    "patient=%00", "date=%00", "language=xx", "reason=%00", "from=%00", "until=%00",
)  # fmt: skip
HEADERS = ("", "k" * 65, "\x01", "ключ")


def client_of(place: Place) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(place.user("command"), backend=BACKEND)
    return client


def check(answer: Any, told: str) -> str:
    """What is wrong with an answer; nothing where it is a good one or a good refusal."""
    if answer.status_code >= 500:
        return f"{told}: {answer.status_code}"
    if answer.status_code != 422:
        return ""
    try:
        faults = json.loads(answer.content)["faults"]
    except (ValueError, KeyError, TypeError):
        return f"{told}: 422 without faults"
    said = [one.get(name) for one in faults for name in ("field", "got", "want")]
    if not said or not all(isinstance(one, str) and one for one in said):
        return f"{told}: a fault without field, got or want: {faults}"
    if any(len(one["got"]) > 400 or "\x00" in one["got"] for one in faults):
        return f"{told}: what was got is not fit for a message"
    return ""


def sent(client: Client, name: str, path: str, body: bytes, key: str = "k") -> Any:
    method = name.split(" ", 1)[0]
    headers = {"Idempotency-Key": key} if key is not None else {}
    return client.generic(method, f"/api/v1{path}", body, "application/json", headers=headers)


def path_of(name: str, filled: dict[str, str]) -> str:
    kind = "elder" if "/register" in name else "elder_care.elder"
    return (name.split(" ", 1)[1] + MATRIX[name].query).format(**filled, kind=kind)


def changed(body: Any, value: Any) -> Iterator[tuple[str, Any]]:
    """The body with one value replaced, at every depth."""
    if isinstance(body, dict):
        for name in body:
            yield name, {**body, name: value}
            for inner, whole in changed(body[name], value):
                yield f"{name}.{inner}", {**body, name: whole}
    elif isinstance(body, list):
        for n, one in enumerate(body):
            yield str(n), [*body[:n], value, *body[n + 1 :]]
            for inner, whole in changed(one, value):
                yield f"{n}.{inner}", [*body[:n], whole, *body[n + 1 :]]


# bodies with the fields that the table of rights leaves out
FULL: dict[str, dict[str, Any]] = {
    "POST /cases/{case_id}/acts": {"act": "take", "text": "x", "answer": "x", "fields": {"a": "b"}},
    "POST /acts": {
        "acts": [{"case_id": 1, "act": "take", "text": "x", "answer": "x", "fields": {"a": "b"}}]
    },
    "POST /call-outs": {
        "areas": [1], "roles": ["village_duty"], "people": [[1, 1]], "households": False,
        "risk": {"1": 5}, "zh": "请转移", "en": "Move", "event": "rain", "level": "x",
        "issuer": "x", "mode": "drill", "wakes": True, "supersedes": 1, "about": 1, "warning_id": 1,
    },
    "POST /call-outs/{call_out_id}/people/{callee_id}/acts": {
        "act": "send", "why": "x", "is_right": True, "knocker": 1,
    },
    "POST /warnings": {
        "change": "change", "issuer": "x", "issued": "2026-03-02T00:00:00Z", "title": "x",
        "areas": [1], "text": "x", "advice": "x", "expires": "2026-03-03T00:00:00Z", "about": 1,
        "colour": "yellow",
    },
    "POST /matters": {
        "kind": "elder_care.sos", "area_id": 1, "text": "x", "way": "spoken", "subject_id": 1,
        "origin_id": 1, "contact": "x", "read_back": True, "is_sealed": False,
    },
    "POST /shift/log": {
        "area_id": 1, "at": "2026-03-02T00:00:00Z", "text": "x", "about": 1, "corrects": 1,
    },
    "POST /subscriptions": {"url": "https://x.org", "events": ["case.opened"], "area_id": 1},
    "POST /register/ledgers/{scenario}/{kind}": {
        "act": "new", "values": {"_who": 1, "_area": 1, "_address": "x", "name": "x"},
    },
    "POST /register/parties": {
        "act": "person", "values": {"name": "x", "latin": "x", "phone": "1", "identity": "x"},
    },
    "POST /register/areas": {
        "act": "register", "values": {"code": "1", "name": "x", "level": "village", "parent": 1},
    },
}  # fmt: skip
WRITES = [name for name in MATRIX if not name.startswith("GET")]


def test_no_whole_body_breaks_an_address(place: Place, filled: dict[str, str]) -> None:
    client, wrong = client_of(place), []
    for name in WRITES:
        path = path_of(name, filled)
        for what, body in BODIES.items():
            answer = sent(client, name, path, body, f"b-{what}"[:40])
            wrong += [bad for bad in (check(answer, f"{name} {what}"),) if bad]
    assert wrong == [], "\n".join(wrong)


def test_no_value_of_a_body_breaks_an_address(place: Place, filled: dict[str, str]) -> None:
    client, wrong, n = client_of(place), [], 0
    for name in WRITES:
        path = path_of(name, filled)
        bodies = [of(MATRIX[name].body, filled), *([FULL[name]] if name in FULL else [])]
        for body, (what, value) in product(bodies, VALUES.items()):
            for where, whole in changed(body, value):
                n += 1
                answer = sent(client, name, path, json.dumps(whole).encode(), f"v-{n}")
                wrong += [bad for bad in (check(answer, f"{name} {where}={what}"),) if bad]
    assert wrong == [], "\n".join(wrong)
    assert n > 500


def test_no_place_of_an_address_breaks_it(place: Place, filled: dict[str, str]) -> None:
    client, wrong = client_of(place), []
    for name in MATRIX:
        names = [part[1:-1] for part in name.split(" ", 1)[1].split("/") if part.startswith("{")]
        body = json.dumps(of(MATRIX[name].body, filled)).encode()
        for which in names:
            for value in PLACES:
                path = (
                    path_of(name, {**filled, which: value})
                    if which != "kind"
                    else (name.split(" ", 1)[1].format(**filled, kind=value))
                )
                answer = sent(client, name, path, body, "p")
                wrong += [bad for bad in (check(answer, f"{name} {which}={value[:20]}"),) if bad]
    assert wrong == [], "\n".join(wrong)


def test_no_query_breaks_an_address(place: Place, filled: dict[str, str]) -> None:
    client, wrong = client_of(place), []
    for name in MATRIX:
        if name.startswith("GET"):
            path = path_of(name, filled)
            for query in QUERIES:
                joined = f"{path}{'&' if '?' in path else '?'}{query}"
                answer = sent(client, name, joined, b"")
                wrong += [bad for bad in (check(answer, f"{name} ?{query[:30]}"),) if bad]
    assert wrong == [], "\n".join(wrong)


def test_no_key_of_a_request_breaks_an_address(place: Place, filled: dict[str, str]) -> None:
    client, wrong = client_of(place), []
    for name in WRITES:
        path, body = path_of(name, filled), json.dumps(of(MATRIX[name].body, filled)).encode()
        for key in HEADERS:
            answer = sent(client, name, path, body, key)
            wrong += [bad for bad in (check(answer, f"{name} key={key[:8]!r}"),) if bad]
    assert wrong == [], "\n".join(wrong)


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "", "a/b;c"])
def test_body_of_another_kind_is_told_as_well(
    place: Place, filled: dict[str, str], kind: str
) -> None:
    client, wrong = client_of(place), []
    for name in WRITES:
        answer = client.generic(
            name.split(" ", 1)[0],
            f"/api/v1{path_of(name, filled)}",
            b"a=b&c=\x00",
            kind,
            headers={"Idempotency-Key": "t"},
        )
        wrong += [bad for bad in (check(answer, f"{name} {kind}"),) if bad]
    assert wrong == [], "\n".join(wrong)


def test_nul_in_a_body_is_told_by_its_field(place: Place, filled: dict[str, str]) -> None:
    client = client_of(place)
    body = {"act": "take", "text": "a\x00b", "fields": {"x": "\ud800"}}
    path = f"/cases/{filled['case']}/acts"
    answer = sent(client, "POST /", path, json.dumps(body).encode())
    assert answer.status_code == 422
    assert json.loads(answer.content)["faults"] == [
        {"field": "text", "got": "a NUL character", "want": "text without it"},
        {"field": "fields.x", "got": "half a character", "want": "whole characters"},
    ]


def test_nul_in_an_address_is_told_by_its_name(place: Place) -> None:
    answer = client_of(place).get("/api/v1/search?q=a%00b")
    assert answer.status_code == 422
    assert json.loads(answer.content)["faults"] == [
        {"field": "q", "got": "a NUL character", "want": "text without it"}
    ]
