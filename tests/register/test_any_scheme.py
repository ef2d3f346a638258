"""Whatever a scheme declares and whoever clicks: the row is where the words of its acts put it.

The oracle below is written from the docstring of `RecordAct` and imports nothing that runs acts.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bihuan.base.errors import BadInputError
from bihuan.register import schemes
from bihuan.register.records import lists
from bihuan.register.records.acts import Opening
from bihuan.register.records.lists import Asked
from bihuan.register.records.rows import read
from bihuan.register.refusals import ForbiddenError, TakenError
from bihuan.register.scheme import Field, RecordAct, RecordType, Scheme, SubjectType
from bihuan.register.subjects.acts import NewSubject
from tests.rebuilt import differences
from tests.register.conftest import Kitchen

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")

ROLES = ("manager", "inspector")
Drawn = list[tuple[set[int], int | None, set[str], set[int]]]
Clicks = list[tuple[int, int, object]]
N = Field(
    name="n", title=("数", "N"), kind="integer", at_least=0, at_most=9, is_indexed=True, unit="个"
)
ACTS = st.lists(
    st.tuples(
        st.sets(st.integers(0, 3), min_size=3),  # from states
        st.none() | st.integers(0, 3),  # to
        st.sets(st.sampled_from(ROLES), min_size=1),
        st.sets(st.integers(0, 2), min_size=1),  # not by the doers of these acts
    ),
    min_size=1,
    max_size=3,
)
CLICKS = st.lists(
    st.tuples(
        st.integers(0, 5),  # which act
        st.sampled_from([0, 0, 0, 1, 2, 3]),  # who
        st.none() | st.integers(-2, 12) | st.sampled_from(["7", 3.0, True]),
    ),
    min_size=8,
    max_size=16,
)
_schemes = itertools.count()


@dataclass
class Oracle:
    """A row as the words of its acts say."""

    acts: tuple[RecordAct, ...]
    roles: dict[int, str | None]
    state: str = "s0"
    barred: int = 0
    n: int | None = None
    done: dict[str, set[int]] = field(default_factory=dict)

    def click(self, act: RecordAct, person: int, n: object) -> str:
        """What becomes of a click: done, or the name of the refusal."""
        role = self.roles[person]
        if role not in act.roles:
            return "forbidden"
        if any(person in self.done.get(other, set()) for other in act.not_by):
            self.barred += 1
            return "forbidden"
        if self.state not in act.from_states:
            return "taken"
        if n is not None:
            if type(n) is not int or not 0 <= n <= 9:
                return "bad"
            self.n = n
        self.state = act.to if act.to is not None else self.state
        self.done.setdefault(act.name, set()).add(person)
        return "done"


def acts_of(drawn: Drawn) -> tuple[RecordAct, ...]:
    """A way through all states, so that each is reachable, then what was drawn."""
    acts = [
        RecordAct(
            name=f"next{n}",
            title=("下一步", "Next"),
            from_states=(f"s{n}",),
            to=f"s{n + 1}",
            roles=ROLES,
            fields=(N,),
        )
        for n in range(3)
    ]
    names = [f"act{n}" for n in range(len(drawn))]
    for own, (from_states, to, roles, not_by) in zip(names, drawn, strict=True):
        acts.append(
            RecordAct(
                name=own,
                title=("办理", "Act"),
                from_states=tuple(f"s{n}" for n in sorted(from_states)),
                to=None if to is None else f"s{to}",
                roles=tuple(sorted(roles)),
                fields=(N,),
                not_by=tuple(names[n] for n in sorted(not_by) if n < len(names)),
            )
        )
    return tuple(acts)


def scheme_of(name: str, drawn: Drawn) -> Scheme:
    thing = SubjectType(name="thing", title=("物", "Thing"), party=None)
    row = RecordType(
        name="row",
        title=("行", "Row"),
        subject="thing",
        number="H-{year}-{n}",
        fields=(N,),
        states=tuple((f"s{n}", (f"态{n}", f"S{n}")) for n in range(4)),
        acts=acts_of(drawn),
    )
    return Scheme(
        scenario=name,
        subjects=(thing,),
        records=(row,),
        editors={"row": ROLES, "thing": ROLES},
    )


def outcome(kitchen: Kitchen, row: int, act: str, person: int, n: object) -> str:
    given_values = {} if n is None else {"n": n}
    click = kitchen.by(person)
    try:
        first = kitchen.ledger.act(row, act, given_values, click)
        assert kitchen.ledger.act(row, act, given_values, click) == first  # everything twice
    except ForbiddenError:
        return "forbidden"
    except TakenError:
        return "taken"
    except BadInputError:
        return "bad"
    return "done"


def story(kitchen: Kitchen, scheme: Scheme, clicks: Clicks) -> int:
    """A row of the scheme, clicked at, beside the oracle; how often somebody was barred."""
    people = [kitchen.manager, kitchen.second, kitchen.inspector, kitchen.stranger]
    roles = ("manager", "manager", "inspector", None)
    acts = scheme.records[0].acts
    new = NewSubject(scheme.scenario, "thing", kitchen.world.people.village, name="物")
    thing = kitchen.subjects.register(new, kitchen.by(None))
    opening = Opening(scheme.scenario, "row", {}, subject_id=thing)
    row = kitchen.ledger.open(opening, kitchen.by(kitchen.manager))
    oracle, done = Oracle(acts, dict(zip(people, roles, strict=True))), 0
    for which, who, n in clicks:
        act, person = acts[which % len(acts)], people[who]
        offered = lists.offered(kitchen.row(row), person, kitchen.now_us)
        expected = oracle.click(act, person, n)
        is_offered = act.name in [one.act.name for one in offered]
        assert is_offered == (expected in ("done", "bad"))
        assert outcome(kitchen, row, act.name, person, n) == expected
        done += expected == "done"
    held = kitchen.row(row)
    assert (held.state, read(held.values).get("n")) == (oracle.state, oracle.n)
    assert held.version == 1 + done == len(lists.history(row, kitchen.keys))
    found = lists.listed(Asked(scheme.scenario, "row", {"n": oracle.n or 0}))
    assert [r.id for r in found.rows] == ([row] if oracle.n is not None else [])
    return oracle.barred


def test_any_clicks_on_any_scheme_end_where_its_words_say(kitchen: Kitchen) -> None:
    names, barred = list[str](), list[int]()

    @settings(
        max_examples=30,
        deadline=None,
        derandomize=True,
        suppress_health_check=[HealthCheck.too_slow],
    )
    @given(ACTS, CLICKS)
    def run(drawn: Drawn, clicks: Clicks) -> None:
        scheme = scheme_of(f"test_any{next(_schemes)}", drawn)
        schemes.install(scheme, (), ROLES)
        names.append(scheme.scenario)
        barred.append(story(kitchen, scheme, clicks))

    try:
        run()
        assert sum(barred) > 5, "too few clicks that not_by refuses: nothing was shown"
        assert differences() == []
    finally:
        for name in names:
            schemes.forget(name)
    kitchen.is_rebuilt = False  # compared above, while the schemes were there
