"""Where nobody is on call: per place and step, and only for what can concern a subject."""

from __future__ import annotations

import re

import pytest
from django.utils import translation

from bihuan.base.errors import BadInputError
from bihuan.console.tonight import seen_words
from bihuan.journal.append import Appender
from bihuan.journal.models import FACTS_LANE
from bihuan.loop.scenario import Scenario, install, installed
from bihuan.loop.watch.models import Notice
from bihuan.register import entries as register
from bihuan.register.scheme import Scheme, SubjectType
from bihuan.wiring.gaps import concerning, roster_gaps
from tests.county import Registrar, World

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db(databases="__all__")]


def gaps(world: World) -> list[str]:
    return roster_gaps(world.wall.now_us())


def test_a_place_where_everybody_is_on_call_has_no_gap(world: World) -> None:
    assert gaps(world) == []


def test_an_elder_without_family_is_told_and_one_who_is_gone_is_not(world: World) -> None:
    with Appender(FACTS_LANE, world.wall) as lane:
        registrar = Registrar(lane, world.keys)
        alone = registrar.subject(registrar.person("张三", "Zhang San"), world.people.village)
    assert gaps(world) == ["柳溪村: nobody on 家属"]
    kin = world.people.daughter
    world.add(register.ContactNamed(subject_id=alone, person_id=kin, relation="niece", rank=0))
    assert gaps(world) == []


def test_a_village_whose_officer_cannot_be_reached_has_a_gap(world: World) -> None:
    with Appender(FACTS_LANE, world.wall) as lane:
        registrar = Registrar(lane, world.keys)
        far = registrar.area("330409", "远山镇", "town", world.people.county)
        village = registrar.area("330410", "远山村", "village", far)
        elder = registrar.subject(registrar.person("李四", "Li Si"), village)
        registrar.contact(elder, world.people.daughter)
        mute = registrar.person("赵五", "Zhao Wu", channel=None)
        registrar.post(mute, "village_duty", village)
    assert any(one.startswith("远山村: nobody on") for one in gaps(world))
    assert not any(one.startswith("柳溪村") for one in gaps(world))


def test_a_place_is_not_asked_for_loops_that_never_concern_it(world: World) -> None:
    scenario = installed()["elder_care"]
    assert concerning(scenario, "place") == []
    kinds = [one.kind for one in concerning(scenario, "elder")]
    assert "sos" in kinds
    assert len(kinds) == len(set(kinds)), "the newest version of each"


def test_a_loop_that_is_not_declared_is_refused() -> None:
    odd = SubjectType(name="thing", title=("物", "Thing"), party=None, loops=("none_such",))
    made = Scenario(
        name="odd",
        title=("怪", "Odd"),
        subjects={},
        signals={},
        roles={},
        scheme=Scheme(scenario="odd", subjects=(odd,)),
    )
    with pytest.raises(BadInputError, match=r"scheme\.thing\.loops: got none_such"):
        install(made)


def test_a_gap_is_read_in_the_script_of_who_reads(world: World) -> None:
    said = Notice(kind="roster", key="k", detail="柳溪村: nobody on 家属, 镇（街道）")
    with translation.override("zh-hans"):
        assert seen_words(said) == "柳溪村：家属、镇（街道） 没有人"
    with translation.override("en"):
        told = seen_words(said)
    assert "330402" in told, "the village's name in Latin script"
    assert "Family" in told
    assert not re.search("[一-鿿]", told)
