"""A playbook's table, checked when its scenario is installed: nothing may fall silent in it.

Walked from the first state with the clocks that run there, act by act: every state that the table
names can be reached, in each some clock runs, and from each the case can be closed.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from bihuan.base.errors import BadInputError, Fault
from bihuan.loop.acting import verbs
from bihuan.loop.playbook import OF_THE_CASE, Act, Limit, Playbook
from bihuan.loop.states import ACT_WORDS, CLOCKS, OUTCOMES, STATES

Node = tuple[str, frozenset[str]]
_HOUR = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")
PROOFS = ("photo", "words", "file")
PARTS = ("owner", "origin", "assigner")
# what verbs do to clocks by themselves: (met, started)
_OWN = {
    "take": (("answer",), ("progress",)),
    "progress": ((), ("progress",)),
    "report": (("progress",), ("confirmation",)),
    "not_solved": (("confirmation", "verify"), ("progress",)),
    "assign": ((), ("receive",)),
    "transfer": ((), ("receive",)),
    "receive": (("receive",), ()),
    "return": (("receive",), ()),
}


def check(playbook: Playbook, roles: Collection[str]) -> None:
    """Raise BadInputError with every fault, each naming the playbook, the row and the key."""
    faults = [
        *_words(playbook),
        *_hours(playbook),
        *_clocks(playbook),
        *(fault for act in playbook.acts for fault in _act(playbook, act, roles)),
    ]
    if not faults:
        faults = list(_walked(playbook))
    if faults:
        raise BadInputError(*faults)


def _hours(playbook: Playbook) -> Iterator[Fault]:
    for n, step in enumerate(playbook.ladder):
        if step.hours is None:
            continue
        place = f"{playbook.key}.ladder[{n}].hours"
        if len(step.hours) != 2 or not all(_HOUR.fullmatch(one) for one in step.hours):
            yield Fault(place, str(step.hours), "two times of the day such as 21:00")
        elif step.hours[0] == step.hours[1]:
            yield Fault(place, str(step.hours), "two different times, or None for the whole day")
    if playbook.ladder and all(step.hours is not None for step in playbook.ladder):
        yield Fault(f"{playbook.key}.ladder", "hours on every step", "one step at any hour")


def _words(playbook: Playbook) -> Iterator[Fault]:
    for place, words in (
        ("title", playbook.title),
        *((f"ladder[{n}].title", step.title) for n, step in enumerate(playbook.ladder)),
        *((f"acts.{act.name}.title", act.title) for act in playbook.acts if act.title),
    ):
        if len(words) != 2 or not all(word.strip() for word in words):
            yield Fault(f"{playbook.key}.{place}", str(words), "a word in zh and one in en")
    for act in playbook.acts:
        if act.title is None and act.name not in ACT_WORDS:
            yield Fault(f"{playbook.key}.acts.{act.name}.title", "none", "words in zh and en")
    names = [act.name for act in playbook.acts]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield Fault(f"{playbook.key}.acts", name, "each act once")


def _clocks(playbook: Playbook) -> Iterator[Fault]:
    for kind in playbook.clock_kinds():
        rule = playbook.clock(kind)
        assert rule is not None
        place = f"{playbook.key}.clocks.{kind}"
        yield from _limit(rule.limit, place)
        if kind not in CLOCKS:
            yield Fault(place, kind, " or ".join(CLOCKS))
        if rule.may_pause and rule.limit.rule is None:
            yield Fault(f"{place}.may_pause", "hours", "days: an emergency clock never pauses")
        is_pursued = kind in ("confirmation", "verify") or (
            kind in ("answer", "progress") and bool(playbook.ladder)
        )
        if not is_pursued and not any(watch.share >= 1 for watch in rule.watches):
            yield Fault(f"{place}.watches", "none at 1 or later", "somebody is told when it is out")
        shares = [watch.share for watch in rule.watches]
        if shares != sorted(set(shares)) or any(share <= 0 for share in shares):
            yield Fault(f"{place}.watches", str(shares), "shares above 0 that rise")
        if rule.again_s <= 0:
            yield Fault(f"{place}.again_s", str(rule.again_s), "seconds above 0")


def _limit(limit: Limit, place: str) -> Iterator[Fault]:
    if not limit.source.strip() or not limit.region.strip() or not limit.effective_from.strip():
        yield Fault(place, "no source, day or region", "whose figure it is, since when, where")
    if limit.rule is None and (limit.seconds <= 0 or limit.days or limit.unit != "hours"):
        yield Fault(place, f"{limit.seconds} s, {limit.days} {limit.unit}", "seconds above 0")
    if limit.rule is not None and (limit.days <= 0 or limit.seconds or limit.unit == "hours"):
        yield Fault(place, f"{limit.seconds} s, {limit.days} {limit.unit}", "days above 0")


def _act(playbook: Playbook, act: Act, roles: Collection[str]) -> Iterator[Fault]:
    place = f"{playbook.key}.acts.{act.name}"
    known = set(playbook.clock_kinds())
    for key, got, want in (
        ("does", [act.verb], set(verbs())),
        ("from_states", act.from_states, set(STATES)),
        ("to", [act.to] if act.to else [], set(STATES)),
        ("roles", act.roles, {*roles, *OF_THE_CASE}),
        ("proof", act.proof, set(PROOFS)),
        ("not_by", act.not_by, set(PARTS)),
        ("starts", act.starts, known),
        ("meets", act.meets, {*known, "confirmation"}),
        ("outcome", [act.outcome] if act.outcome else [], set(OUTCOMES)),
    ):
        for wrong in [name for name in got if name not in want]:
            yield Fault(f"{place}.{key}", wrong, " or ".join(sorted(want)))
    for field in act.fields:
        said = [word for _value, words in field.options for word in words]
        said += [value for value, _words in field.options] + list(field.title or ())
        if (field.kind == "choice") != bool(field.options) or not all(w.strip() for w in said):
            yield Fault(f"{place}.fields.{field.name}", str(field.options), "options in zh and en")
    if not act.from_states or not act.roles:
        yield Fault(place, "no state or no role", "states and roles that may do it")


def _walked(playbook: Playbook) -> Iterator[Fault]:
    first: Node = (playbook.begins, frozenset(playbook.opening) & set(playbook.clock_kinds()))
    # what only a reopened case could reach, no case reaches
    reached = {state for state, _running in _ways(playbook, first, is_reopened=False)}
    named = {state for act in playbook.acts for state in (*act.from_states, act.to) if state}
    for state in sorted(named - reached):
        yield Fault(f"{playbook.key}.{state}", "a state that no act leads to", "a way there")
    found = _ways(playbook, first, is_reopened=True)
    for state in sorted({state for state, running in found if state != "closed" and not running}):
        yield Fault(f"{playbook.key}.{state}", "a way into it without a clock", "a clock that runs")
    for state in sorted({node[0] for node in found} - _closable(found)):
        yield Fault(f"{playbook.key}.{state}", "no way to the end", "acts that close it")


def _ways(playbook: Playbook, first: Node, *, is_reopened: bool) -> dict[Node, set[Node]]:
    """Every (state, running clocks) that can come about, and what can come after each."""
    found: dict[Node, set[Node]] = {}
    queue = [first]
    while queue:
        node = queue.pop()
        if node in found:
            continue
        is_over = node[0] == "closed" and not is_reopened
        acts = [] if is_over else _open(playbook, node)
        found[node] = {_after(playbook, act, node) for act in acts}
        queue += found[node]
    return found


def _open(playbook: Playbook, node: Node) -> list[Act]:
    return [act for act in playbook.acts if node[0] in act.from_states]


def _after(playbook: Playbook, act: Act, node: Node) -> Node:
    state = act.to or node[0]
    if state == "closed":
        return state, frozenset()
    met, started = _OWN.get(act.verb, ((), ()))
    if act.starts:
        started = (*(() if act.verb in ("not_solved",) else started), *act.starts)
    if act.to == "awaiting_confirmation":
        started = (*started, "confirmation")
    running = (node[1] - {*met, *act.meets}) | set(started)
    return state, frozenset(running & set(playbook.clock_kinds()))


def _closable(found: dict[Node, set[Node]]) -> set[str]:
    """States of which every way in leads on to the end."""
    good = {node for node in found if node[0] == "closed"}
    while more := {node for node, after in found.items() if node not in good and after & good}:
        good |= more
    return {node[0] for node in good} - {node[0] for node in found if node not in good}
