"""What the board says happened, about whom, and which gaps of rosters it tells to whom."""

from __future__ import annotations

import pytest
from django.utils import translation

from bihuan.console.happened import happened
from bihuan.console.shown import Reader
from bihuan.console.tonight import noticed, notices
from bihuan.journal.append import Appender
from bihuan.journal.models import FACTS_LANE
from bihuan.loop.models import Case
from bihuan.loop.playbook import playbooks
from bihuan.loop.watch.notice import Trouble, note
from bihuan.register import entries as register
from bihuan.register.parties.entries import PartyRegistered
from bihuan.register.rights import for_user
from bihuan.scenarios import load
from bihuan.wiring.gaps import gaps
from tests.county import Registrar, World

rows = pytest.mark.django_db(databases="__all__")


def test_every_act_of_every_playbook_has_words_in_both_languages() -> None:
    load()
    said = [(act.name, one.key) for one in playbooks() for act in one.acts]
    assert len(said) > 100
    for language in ("zh-hans", "en"):
        with translation.override(language):
            raw = [pair for pair in said if str(happened(*pair, "matter")) == pair[0]]
        assert not raw, language


def test_who_reported_a_matter_or_a_firm_is_no_family() -> None:
    load()
    key = next(one.key for one in playbooks() if one.scenario == "elder_care" and one.kind == "sos")
    with translation.override("zh-hans"):
        assert str(happened("solved", key, "signal")) == "家属：解决了"
        assert str(happened("solved", key, "matter")) == "反映人：解决了"
        firm = next(
            one.key for one in playbooks() if one.scenario == "chain" and one.kind == "appeal"
        )
        assert str(happened("not_solved", firm, "signal")) == "反映人：没解决，重新办理"


@rows
def test_a_gap_is_told_to_those_who_see_what_is_reported_there(world: World) -> None:
    with Appender(FACTS_LANE, world.wall) as lane:
        add = Registrar(lane, world.keys)
        far = add.area("330410", "远山村", "village", world.people.town)
        add.subject(add.person("张三", "Zhang San"), far)
        cook, neighbour = add.person("厨", "Chu"), add.person("邻", "Lin")
        add.post(cook, "kitchen_manager", far)
        add.post(neighbour, "village_duty", world.people.village)
    troubles = [Trouble("roster", gap.key, gap.text) for gap in gaps(world.wall.now_us())]
    assert note(troubles, {"roster"}, world.wall) > 0
    world.engine.run_once()
    now_us = world.wall.now_us()
    told = {
        who: noticed(for_user(who, now_us)) for who in (world.people.commander, cook, neighbour)
    }
    assert any("远山村" in one.detail for one in notices(told[world.people.commander]))
    assert told[cook] == []
    assert told[neighbour] == []


@rows
def test_a_case_about_a_firm_is_named_by_the_firm(world: World) -> None:
    with Appender(FACTS_LANE, world.wall) as lane:
        party = lane.append(
            PartyRegistered(
                kind="legal_entity",
                name="供餐中心",
                latin="Meals",
                code=None,
                area_id=None,
                address=None,
            )
        ).id()
        subject = lane.append(
            register.SubjectRegistered(
                scenario="elder_care",
                kind="place",
                area_id=world.people.village,
                person_id=None,
                party_id=party,
                address=None,
                note=None,
            )
        ).id()
    world.engine.run_once()
    case = Case(
        id=1,
        scenario="elder_care",
        kind="sos",
        cause="signal",
        playbook="",
        subject_id=subject,
        area_path=f"{world.people.county}.{world.people.village}.",
        state="in_progress",
    )
    now_us = world.wall.now_us()
    with translation.override("zh-hans"):
        assert Reader([case], world.keys, now_us).show(case).who == "供餐中心"
    with translation.override("en"):
        assert Reader([case], world.keys, now_us).show(case).who == "Meals"
