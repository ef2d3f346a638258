"""What each role gets at every address of the API, written from the words of the rule."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from tests.console.place import ROLES

NOTHING: Final = "1"  # an id that no row of this county has
POSTS = ("command", "town", "village", "neighbour")
INSIDE = ("command", "town", "village")


def codes(status: int, *roles: str, others: int = 404) -> dict[str, int]:
    """These roles get the status, everybody else who is signed in the other one."""
    return {**dict.fromkeys(ROLES, others), **dict.fromkeys(roles, status), "": 401}


def all_get(status: int) -> dict[str, int]:
    """Whoever is signed in: their own things, or an answer that says nothing of others."""
    return codes(status, *ROLES)


@dataclass(frozen=True)
class Ask:
    """What each role gets at an address, for this body (what is in braces is filled in)."""

    gets: dict[str, int]
    body: dict[str, Any] = field(default_factory=dict)
    query: str = ""


def act(name: str, **values: Any) -> dict[str, Any]:
    return {"act": name, "values": values}


SEEN = codes(200, "command", "town", "village", "family")
ASKED = {"act": "take", "fields": {}}
LINE = {"area_id": "{village}", "at": "{now}", "text": " "}
SHIFT = {"area_id": "{village}", "begins": "{now}", "ends": "{now}", "text": "平安"}
AREA = "?area_id={village}"
ACCOUNT = {"account": "x", "provider": "none"}
WATER = {"event": "rain", "mode": "drill", "zh": "请转移", "en": "Move", "issuer": "演示"}
LIMIT = {
    "clock": "answer", "amount": 5, "unit": "minutes", "source": " ",
    "effective_from": "2026-01-01", "region": 1,
}  # fmt: skip
OWN = {"subject_id": 1, "parameters": {}, "unit": "bpm", "reason": "x", "until": "2026-12-31"}
DAY = {"date": "2027-02-06", "is_working": False}
ONLY_KEYS = codes(403, *ROLES)
FORM = {**all_get(422)}  # what is not of the form's shape is told to anybody; it changes nothing

MATRIX: Final = {
    "GET /cases": Ask(all_get(200)),
    "GET /cases/{case_id}": Ask(SEEN),
    # 409: somebody was faster; a stranger is not even told that
    "POST /cases/{case_id}/acts": Ask(codes(409, *INSIDE, "family"), ASKED),
    "POST /cases/{case_id}/acts/files": Ask(FORM),
    "POST /acts": Ask(all_get(200), {"acts": [{"case_id": "{case}", **ASKED}]}),
    # the family sees the case, and not its papers; a village's neighbour neither
    "GET /cases/{case_id}/documents": Ask(codes(200, *INSIDE)),
    "GET /cases/{case_id}/documents/{document_id}": Ask(all_get(404)),
    # who acts on it sends it on; the family sees the case and not where else it went
    "GET /cases/{case_id}/orders": Ask(codes(200, *INSIDE)),
    "POST /cases/{case_id}/orders": Ask(codes(422, *INSIDE), {"partner": "none"}),
    "GET /cases/{case_id}/unsealings": Ask(codes(403, *INSIDE, "family")),
    "POST /cases/{case_id}/unsealings": Ask(codes(403, *INSIDE, "family"), {"reason": "要核实"}),
    "POST /cases/{case_id}/unsealings/{unsealing_id}/decision": Ask(
        codes(403, *INSIDE, "family"), {"is_agreed": True}
    ),
    "POST /cases/{case_id}/unsealings/{unsealing_id}/readings": Ask(
        codes(403, *INSIDE, "family")
    ),
    # what scenarios show besides: elder care declares none of these (test_shows has one that does)
    "GET /cases/{case_id}/panels": Ask(SEEN),
    "GET /rows/{row_id}/panels": Ask(codes(200, *INSIDE)),
    "GET /sheets/{scenario}/{name}/{thing_id}": Ask(all_get(404)),
    "GET /overviews": Ask(all_get(200)),
    "GET /overviews/{scenario}/{name}": Ask(all_get(404)),
    # what was issued or published is for everybody with a sign-in; drafts are for the statistician
    "GET /bulletins": Ask(all_get(200)),
    "GET /bulletins/{bulletin_id}": Ask(all_get(404)),
    "POST /bulletins": Ask(
        codes(422, "command"),
        {"kind": "monthly", "period": "x", "title_zh": "a", "title_en": "b", "figures": []},
    ),
    "POST /bulletins/{bulletin_id}/texts": Ask(all_get(404), {"zh": "a", "en": "b", "based_on": 1}),
    "POST /bulletins/{bulletin_id}/issue": Ask(all_get(404), {"n": 1}),
    "GET /figures": Ask(all_get(200)),
    "GET /figures/{figure_id}": Ask(codes(200, *POSTS)),
    "GET /figures/{figure_id}/counted": Ask(codes(200, *POSTS)),
    "GET /figure-exports/{scenario}": Ask(codes(200, "command", "town")),
    "POST /figure-locks": Ask(
        codes(422, "command", others=403), {"scenario": "elder_care", "period": "x"}
    ),
    "POST /figure-targets": Ask(
        codes(200, "command", others=403),
        {"figure": "{figure_id}", "amount": 1, "source": "x", "region": "x", "from_us": 0},
    ),
    "GET /press/pages": Ask(codes(200, "command")),
    "GET /press/pages/{page_id}": Ask(all_get(404)),
    "POST /press/pages": Ask(
        codes(422, "command"), {"paper": "演示报", "issued": "x", "text": "x"}
    ),
    "POST /press/pages/{page_id}/proposals/{n}": Ask(
        all_get(404), {"verdict": "reject", "reason": "x"}
    ),
    "GET /published/series": Ask(all_get(200)),
    "GET /published/series/{series_id}": Ask(all_get(404)),
    "POST /published/values": Ask(
        codes(422, "command"),
        {
            "indicator": "x", "scope": "x", "period": "single", "end": "x", "paper": "x",
            "issued": "x",
        },
    ),
    "GET /warnings": Ask(codes(200, *POSTS)),
    "GET /warnings/{warning_id}": Ask(all_get(404)),
    "POST /warnings": Ask(
        codes(200, "command", "town", others=403),
        {
            "change": "issue", "issuer": "气象台（演示）", "issued": "{now}",
            "title": "暴雨黄色预警信号", "areas": ["{village}"],
        },
    ),
    "GET /subscriptions": Ask(ONLY_KEYS),
    "POST /subscriptions": Ask(ONLY_KEYS, {"url": "https://example.org/x", "events": []}),
    "DELETE /subscriptions/{subscription_id}": Ask(ONLY_KEYS),
    "GET /subscriptions/{subscription_id}/calls": Ask(ONLY_KEYS),
    "GET /shift/areas": Ask(all_get(200)),  # one's own; of a stranger none
    "GET /shift/log": Ask(codes(200, *INSIDE), query=AREA),
    "POST /shift/log": Ask(codes(422, *INSIDE), LINE),
    "GET /shift/handovers": Ask(codes(200, *INSIDE), query=AREA),
    "POST /shift/handovers": Ask(codes(422, *INSIDE), SHIFT),
    "GET /shift/handovers/{handover_id}": Ask(codes(200, "command")),
    "POST /shift/handovers/{handover_id}/accept": Ask(codes(422, "command")),
    "GET /shift/drafts/{case_id}": Ask(codes(200, *INSIDE)),
    "GET /shift/reports": Ask(codes(200, *INSIDE), query=AREA),
    "POST /shift/reports": Ask(
        codes(422, *INSIDE), {"case_id": "{case}", "stage": "first", "text": " "}
    ),
    "GET /playbooks": Ask(all_get(200)),
    "GET /playbooks/{key}": Ask(all_get(200)),
    "GET /tasks": Ask(all_get(200)),
    "POST /tasks/acts": Ask(all_get(404), {"do": "go", "id": "{nothing}"}),
    "GET /inbox": Ask(all_get(200)),
    "POST /inbox/{delivery_id}/shown": Ask(all_get(404)),
    # one's own notices; this county has no account for them
    "GET /me/push": Ask(all_get(200)),
    "POST /me/push": Ask(
        all_get(422), {"endpoint": "https://x", "keys": {"p256dh": "A", "auth": "A"}}
    ),
    "POST /me/push/off": Ask(all_get(200)),
    "GET /setup": Ask(codes(200, "command")),
    "GET /readiness": Ask(codes(200, "command")),
    "POST /setup/county": Ask(
        codes(422, "command"),
        {"level": "county", "name": " ", "latin": " ", "code": "x"},
    ),
    "POST /setup/rosters": Ask(
        codes(422, "command"),
        {
            "title": " ", "role": "none", "area_id": "{village}", "shift": "x",
            "begins": "x", "ends": "y", "people": ["{elder}"],
        },
    ),
    "POST /setup/mode": Ask(codes(422, "command"), {"mode": "live"}),
    # an administrator's own, with tests in test_offices
    "GET /settings/accounts": Ask(all_get(404)),
    "POST /settings/accounts": Ask(all_get(404), ACCOUNT),
    "POST /settings/accounts/take-down": Ask(all_get(404), {"account": "x", "reason": "y"}),
    "GET /settings/path-test": Ask(codes(200, "command")),
    "POST /settings/path-test/plan": Ask(
        all_get(404), {"is_on": True, "working_day": 1, "minute": 1}
    ),
    "POST /settings/path-test/runs": Ask(all_get(404)),
    "GET /limits/{playbook}": Ask(codes(200, "command")),
    "POST /limits/{playbook}": Ask(codes(422, "command"), LIMIT),
    # the stranger of each: whoever sees no elder finds no such rule; a doctor or the county sets
    "GET /rules/{scenario}/{rule}/persons": Ask(codes(200, *POSTS)),
    "POST /rules/{scenario}/{rule}/persons": Ask(all_get(404), OWN),
    "GET /rules/{scenario}/{rule}/persons/{limit_id}": Ask(all_get(404)),
    "POST /rules/{scenario}/{rule}/persons/{limit_id}/end": Ask(all_get(404), {"reason": "x"}),
    "GET /working-days": Ask(codes(200, "command")),
    "POST /working-days": Ask(codes(422, "command"), {"source": " ", "days": [DAY]}),
    "GET /audit/journal": Ask(all_get(404)),
    "GET /audit/views": Ask(all_get(404)),
    "GET /audit/erasures": Ask(all_get(404)),
    "POST /audit/chain": Ask(all_get(404)),
    # by a key that was made for the platform, and for nobody signed in
    "POST /exchange/{partner}/orders": Ask(ONLY_KEYS, {"orders": []}),
    "GET /exchange/{partner}/replies": Ask(ONLY_KEYS),
    "GET /exchange/{partner}/sent": Ask(ONLY_KEYS),
    "POST /exchange/{partner}/answers": Ask(FORM),
    "GET /search": Ask(all_get(200), query="?q=王桂兰"),
    "POST /imports/{kind}": Ask(FORM),  # no file: test_register_rights hands one in
    "GET /imports/staged/{staged_id}": Ask(codes(200, "village")),
    "POST /imports/staged/{staged_id}/publish": Ask(codes(422, "village"), {"which": "all"}),
    "GET /exports/{kind}": Ask(codes(200, "command", "town")),
    "GET /call-outs": Ask(all_get(200)),
    "POST /call-outs": Ask(FORM, WATER),
    "GET /call-outs/{call_out_id}": Ask(all_get(404)),
    "POST /call-outs/{call_out_id}/acts": Ask(all_get(404), {"act": "end"}),
    "POST /call-outs/{call_out_id}/people/{callee_id}/acts": Ask(
        all_get(404), {"act": "not_found"}
    ),
    "GET /register/ledgers": Ask(all_get(200)),
    "GET /register/ledgers/{scenario}/{kind}": Ask(codes(200, *POSTS)),
    # a type's editors register; the county's command is none
    "POST /register/ledgers/{scenario}/{kind}": Ask(
        codes(422, "town", "village", "neighbour"), act("new")
    ),
    "GET /register/rows/{row_id}": Ask(codes(200, *INSIDE)),
    "GET /register/rows/{row_id}/history": Ask(codes(200, *INSIDE)),
    "POST /register/rows/{row_id}/acts": Ask(codes(422, "town", "village"), act("hold")),
    "GET /register/devices": Ask(codes(200, *POSTS)),
    "POST /register/devices": Ask(codes(422, "command", "town"), act("adopt")),
    "GET /register/devices/{device_id}": Ask(codes(200, *INSIDE)),
    "POST /register/devices/{device_id}/acts": Ask(codes(422, "command", "town"), act("sim")),
    "GET /register/rosters": Ask(codes(200, *POSTS)),
    "POST /register/rosters": Ask(codes(422, "command", "town"), act("make")),
    "GET /register/rosters/{roster_id}/shifts": Ask(all_get(404)),
    "POST /register/rosters/{roster_id}/acts": Ask(all_get(404), act("close")),
    "GET /register/areas": Ask(codes(200, *POSTS)),
    "POST /register/areas": Ask(codes(422, "command"), act("register")),
    "GET /register/areas/{area_id}": Ask(codes(200, *INSIDE)),
    "POST /register/areas/{area_id}/acts": Ask(codes(422, "command"), act("merge")),
    "GET /register/parties": Ask(codes(200, *POSTS)),
    "POST /register/parties": Ask(codes(422, "command"), act("person")),
    "GET /register/parties/{party_id}": Ask(codes(200, *INSIDE)),
    "POST /register/parties/{party_id}/acts": Ask(codes(422, "command"), act("rename")),
    # health: who may open the elder's own page; the family as far as the elder agreed
    "GET /fhir/Observation": Ask(codes(200, *INSIDE), query="?patient={subject}"),
    "GET /fhir/Observation/{observation_id}": Ask(all_get(404)),
    "GET /register/organisations": Ask(codes(200, *POSTS)),
    "POST /register/organisations": Ask(codes(422, "command"), act("register")),
    "GET /register/organisations/{organisation_id}": Ask(all_get(404)),
    "POST /register/organisations/{organisation_id}/acts": Ask(all_get(404), act("end")),
    "GET /matters/kinds": Ask(all_get(200)),
    "POST /matters": Ask(
        all_get(422), {"kind": "none.none", "area_id": "{village}", "text": "路坏了", "way": "web"}
    ),
}  # fmt: skip
