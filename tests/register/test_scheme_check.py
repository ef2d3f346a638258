"""A scheme that cannot be run is refused at install, naming file and key."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bihuan.base.errors import BadInputError
from bihuan.register import schemes
from bihuan.register.scheme import Relation, Scheme
from bihuan.register.scheme_check import faults_of
from tests.register.kitchen import BATCH, DAILY, KITCHEN, ROLES, SAMPLE, SIGNALS, UNIT

DISH = BATCH.fields[0]
RELEASE = BATCH.acts[0]


def batch(**changed: object) -> Scheme:
    return replace(KITCHEN, records=(replace(BATCH, **changed), SAMPLE, DAILY))  # type: ignore[arg-type]


def field(**changed: object) -> Scheme:
    return batch(fields=(replace(DISH, **changed), *BATCH.fields[1:]))  # type: ignore[arg-type]


def act(**changed: object) -> Scheme:
    return batch(acts=(replace(RELEASE, **changed), *BATCH.acts[1:]))  # type: ignore[arg-type]


def routine(**changed: object) -> Scheme:
    return replace(KITCHEN, routines=(replace(KITCHEN.routines[0], **changed),))  # type: ignore[arg-type]


def found(scheme: Scheme) -> set[str]:
    return {
        fault.field.removeprefix("test_kitchen/scenario.py: scheme.")
        for fault in faults_of(scheme, set(SIGNALS), set(ROLES))
    }


def test_a_scheme_without_faults_is_taken() -> None:
    assert found(KITCHEN) == set()


@pytest.mark.parametrize(
    ("scheme", "key"),
    [
        (field(kind="colour"), "records.batch.fields.dish.kind"),
        (field(is_sealed=True), "records.batch.fields.dish"),
        (field(kind="long_text"), "records.batch.fields.dish.is_indexed"),
        (field(title=("菜品", "")), "records.batch.fields.dish.title"),
        (field(title=("", "Dish")), "records.batch.fields.dish.title"),
        (field(name="Dish"), "records.batch.fields.Dish"),
        (field(name="state"), "records.batch.fields.state"),
        (field(name="core"), "records.batch.fields"),
        (field(unit="g"), "records.batch.fields.dish"),
        (field(kind="integer", at_least=2, at_most=1), "records.batch.fields.dish.at_most"),
        (field(kind="choice"), "records.batch.fields.dish.choices"),
        (field(pattern="("), "records.batch.fields.dish.pattern"),
        (field(kind="subject", of="ship"), "records.batch.fields.dish.of"),
        (field(kind="record", of="unit"), "records.batch.fields.dish.of"),
        (field(kind="party", of="ship"), "records.batch.fields.dish.of"),
        (act(from_states=("gone",)), "records.batch.acts.release"),
        (act(to="gone"), "records.batch.acts.release"),
        (act(to="made"), "records.batch.states.released"),
        (act(roles=()), "records.batch.acts.release.roles"),
        (act(roles=("king",)), "records.batch.acts.release.roles"),
        (act(second=("king",)), "records.batch.acts.release.second"),
        (act(not_by=("eat",)), "records.batch.acts.release.not_by"),
        (act(raises="smoke"), "records.batch.acts.release.raises"),
        (act(fields=(replace(DISH, kind="integer"),)), "records.batch.acts.release.fields.dish"),
        (act(one_tap=True), "records.batch.acts.release.one_tap"),
        (act(calls=lambda _facts: None), "records.batch.acts.release.uncalled"),
        (act(uncalled="smoke"), "records.batch.acts.release.uncalled"),
        (batch(subject="ship"), "records.batch.subject"),
        (batch(subject=None), "records.batch.duties.eat_by.raises"),
        (batch(number="PC-{n}"), "records.batch.number"),
        (batch(number="PC-{year}-{day}"), "records.batch.number"),
        (batch(number=SAMPLE.number), "records.number"),
        (batch(keep_days=0), "records.batch.keep_days"),
        (batch(is_immutable=True), "records.batch.acts.measure"),
        (
            batch(relations=(Relation(name="x", title=("甲", "X"), to="ship", by="batch"),)),
            "records.batch.relations.x.to",
        ),
        (
            batch(relations=(Relation(name="x", title=("甲", "X"), to="sample", by="grams"),)),
            "records.batch.relations.x.by",
        ),
        (
            batch(relations=(Relation(name="x", title=("甲", "X"), to="sample", by="subject"),)),
            "records.batch.relations.x.by",
        ),
        (routine(by="25:00"), "routines.daily.by"),
        (routine(subject="ship"), "routines.daily.subject"),
        (routine(record="gone"), "routines.daily.record"),
        (routine(raises="smoke"), "routines.daily.raises"),
        (replace(KITCHEN, editors={"ship": ("manager",)}), "editors.ship"),
        (replace(KITCHEN, editors={"unit": ("king",)}), "editors.unit"),
        (replace(KITCHEN, subjects=(UNIT, UNIT)), "types"),
        (replace(KITCHEN, subjects=(replace(UNIT, party="ship"),)), "subjects.unit.party"),  # type: ignore[arg-type]
    ],
)
def test_a_fault_is_named_by_its_key(scheme: Scheme, key: str) -> None:
    assert key in found(scheme)


def test_install_names_the_file_and_every_fault() -> None:
    broken = replace(field(kind="colour"), routines=(routine(by="25:00").routines[0],))
    with pytest.raises(BadInputError) as error:
        schemes.install(broken, SIGNALS, ROLES)
    assert len(error.value.faults) >= 2
    assert all(f.field.startswith("test_kitchen/scenario.py: scheme.") for f in error.value.faults)
    assert "test_kitchen" not in schemes.installed()


def test_a_second_scheme_of_one_scenario_is_refused(kitchen_scheme: None) -> None:
    schemes.install(KITCHEN, SIGNALS, ROLES)
    with pytest.raises(BadInputError):
        schemes.install(replace(KITCHEN, routines=()), SIGNALS, ROLES)
