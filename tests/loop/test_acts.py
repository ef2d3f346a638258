"""Who may do what when: rights, proof, the loser of two clicks, the origin's own word."""

from __future__ import annotations

import itertools
import threading
from collections import Counter

import pytest
from django.db import IntegrityError, connection, connections, models, transaction

from bihuan.base.errors import BadInputError
from bihuan.loop import answer
from bihuan.loop.act import Command, ForbiddenError, TakenError, act
from bihuan.loop.cases.models import Holding
from bihuan.loop.models import Case, CaseClock, Delivery, DeliveryFact
from bihuan.scenarios.elder_care.playbook import SOS
from tests.county import World, asks, calls

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db(databases="__all__")]
STATES = ("awaiting_answer", "in_progress", "awaiting_confirmation", "closed")
ACTS = tuple(act.name for act in SOS.acts)

# who may do what in which state, from the words of the playbook: the daughter is family, the
# secretary of the village took the case and reported it. Everything else is refused.
FREE = {
    "awaiting_answer": {
        "daughter": {"take", "false_alarm"},
        "secretary": {"take", "false_alarm"},
        "town_officer": {"take", "false_alarm"},
        "commander": {"take", "false_alarm"},
    },
    "in_progress": {
        "daughter": {"progress", "report", "false_alarm"},
        "secretary": {"progress", "report", "false_alarm"},
        "town_officer": {"progress", "report", "false_alarm"},
        "commander": {"progress", "report", "false_alarm"},
    },
    "awaiting_confirmation": {"daughter": {"solved", "not_solved"}},
    "closed": {},
}
WHO = ("elder", "daughter", "secretary", "town_officer", "commander", "stranger")


def bring(world: World, state: str) -> None:
    world.press()
    world.settle()
    if state != "awaiting_answer":
        world.do("take", world.people.secretary)
    if state in ("awaiting_confirmation", "closed"):
        world.do("report", world.people.secretary)
    if state == "closed":
        world.do("solved", world.people.daughter)
    world.settle()
    world.phones.take()
    assert world.case.state == state


@pytest.mark.parametrize("state", STATES)
def test_act_matrix_allows_exactly_what_the_playbook_says(world: World, state: str) -> None:
    """Every person × act: the stranger and the elder's own number are refused everywhere."""
    bring(world, state)
    for who, name in itertools.product(WHO, ACTS):
        before, savepoint = world.position, transaction.savepoint()
        answer_ = outcome(world, name, getattr(world.people, who))
        assert world.position > before or answer_ is not None
        transaction.savepoint_rollback(savepoint)
        is_free = name in FREE[state].get(who, set())
        assert (answer_ is None) == is_free, (who, name, state)
        if who in ("stranger", "elder"):
            assert answer_ is ForbiddenError, (who, name, state)


def outcome(world: World, name: str, person: int) -> type[Exception] | None:
    """The error of an act; None where it was done."""
    try:
        world.do(name, person)
    except (ForbiddenError, TakenError, BadInputError) as refused:
        return type(refused)
    return None


def test_act_on_a_case_that_is_not_there_looks_like_a_foreign_one(world: World) -> None:
    with pytest.raises(ForbiddenError):
        world.do("take", world.people.secretary, case=12345)


def click(
    world: World,
    of: tuple[int, int],
    key: str,
    start: threading.Barrier,
    results: dict[int, int | TakenError],
) -> None:
    """Press 我来处置 when everybody is ready. of: (case, person)."""
    case, person = of
    start.wait()
    try:
        results[person] = act(Command("take", case, person, "page", key), world.clock, world.keys)
    except TakenError as taken:
        results[person] = taken
    finally:
        connections.close_all()


@pytest.mark.django_db(transaction=True, databases="__all__")
def test_act_loser_of_two_clicks_learns_who_and_when(world: World) -> None:
    """Two people press 我来处置 in the same moment, many times over: one takes, one is told."""
    for n in range(5):
        world.press()
        world.settle()
        case, people = world.case.id, world.people
        start = threading.Barrier(2)
        results: dict[int, int | TakenError] = {}

        threads = [
            threading.Thread(target=click, args=(world, (case, p), f"{n}", start, results))
            for p in (people.secretary, people.town_officer)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        winner = Case.objects.get(id=case).owner_id
        assert winner is not None
        loser = people.town_officer if winner == people.secretary else people.secretary
        told = results[loser]
        assert isinstance(results[winner], int)
        assert isinstance(told, TakenError)
        assert (told.by, told.at_us, told.state) == (winner, world.clock.now_us(), "in_progress")
        world.do("false_alarm", people.commander, case=case)
    world.phones.take()


@pytest.mark.django_db(transaction=True, databases="__all__")
def test_act_of_the_same_key_in_two_threads_acts_once(world: World) -> None:
    world.press()
    world.settle()
    world.do("take", world.people.secretary)
    world.phones.take()
    before, positions = world.position, []
    start = threading.Barrier(4)
    command = Command(
        "progress", world.case.id, world.people.secretary, "page", "same", text="在路上"
    )

    def click() -> None:
        start.wait()
        positions.append(act(command, world.clock, world.keys))
        connections.close_all()

    threads = [threading.Thread(target=click) for _n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert positions == [before + 1] * 4
    assert world.position == before + 1


def test_act_of_the_same_key_answers_with_the_first_position(world: World) -> None:
    world.press()
    world.settle()
    first = world.do("take", world.people.secretary, key="k")
    assert world.do("take", world.people.secretary, key="k") == first
    assert world.happened().count("taken") == 1
    world.phones.take()


def test_act_of_a_key_used_for_another_act_is_done(world: World) -> None:
    """A page that numbers its clicks badly must not be told that a report was stored."""
    world.press()
    world.settle()
    world.do("take", world.people.secretary, key="k")
    world.do("report", world.people.secretary, key="k")
    assert world.case.state == "awaiting_confirmation"
    world.settle()
    world.phones.take()


def test_report_without_words_or_proof_names_both_fields(world: World) -> None:
    bring(world, "in_progress")
    with pytest.raises(BadInputError) as refused:
        world.do("report", world.people.secretary, text="  ")
    assert [fault.field for fault in refused.value.faults] == ["proof", "text"]
    assert world.case.state == "in_progress"


@pytest.mark.parametrize("name", ["report", "false_alarm"])
def test_act_with_2001_characters_is_refused(world: World, name: str) -> None:
    bring(world, "in_progress")
    with pytest.raises(BadInputError, match="2001 characters"):
        world.do(name, world.people.secretary, text="长" * 2001)


def test_handler_cannot_say_solved_for_the_origin(world: World) -> None:
    """The daughter took it herself: her own "solved" would close her own work."""
    world.press()
    world.settle()
    world.do("take", world.people.daughter)
    world.do("report", world.people.daughter)
    world.settle()
    with pytest.raises(ForbiddenError):
        world.do("solved", world.people.daughter)
    assert world.case.state == "awaiting_confirmation"
    world.phones.take()


def test_refusal_reopens_the_same_case_with_its_owner_and_a_clock(world: World) -> None:
    bring(world, "awaiting_confirmation")
    opened_us = world.case.opened_us
    world.wall.advance(hours=1)
    world.do("not_solved", world.people.daughter)
    case = Case.objects.get()
    assert (case.state, case.owner_id, case.refusals) == ("in_progress", world.people.secretary, 1)
    assert case.opened_us == opened_us
    assert world.clocks()["progress"] == "running"


def refuse_twice(world: World) -> None:
    bring(world, "awaiting_confirmation")
    world.do("not_solved", world.people.daughter)
    world.do("report", world.people.secretary)
    world.settle()
    world.do("not_solved", world.people.daughter)
    assert world.phones.take() == asks(world.people.daughter)


def test_decision_needs_two_refusals(world: World) -> None:
    bring(world, "awaiting_confirmation")
    world.do("not_solved", world.people.daughter)
    with pytest.raises(BadInputError, match="at least 2 before a superior decides"):
        world.do("decide", world.people.town_officer)


def test_decision_after_two_refusals_is_a_superiors_with_reasons(world: World) -> None:
    refuse_twice(world)
    for who in (world.people.daughter, world.people.secretary, world.people.stranger):
        with pytest.raises(ForbiddenError):
            world.do("decide", who)
    with pytest.raises(BadInputError, match="text"):
        world.do("decide", world.people.town_officer, text=" ")
    world.do("decide", world.people.town_officer, text="已送医，家属要求超出职责")
    assert (world.case.state, world.case.outcome) == ("closed", "decided")


def test_case_refused_twice_does_not_fall_silent(world: World) -> None:
    """Until a superior decides, the progress clock runs; when it is out, everybody is called."""
    refuse_twice(world)
    assert world.clocks()["progress"] == "running"
    world.wait(seconds=1800)
    assert world.case.state == "awaiting_answer"
    assert world.phones.take() == calls(world.people.daughter, world.people.secretary)


def test_acknowledgement_expires_without_progress(world: World) -> None:
    bring(world, "in_progress")
    world.wait(seconds=1799)
    assert world.case.state == "in_progress"
    world.do("progress", world.people.secretary)
    world.wait(seconds=1799)
    assert world.phones.take() == calls()
    world.wait(seconds=1)
    assert world.case.state == "awaiting_answer"
    assert world.clocks() == {"answer": "running", "progress": "missed"}
    assert world.phones.take() == calls(world.people.daughter, world.people.secretary)


def test_no_reply_is_signed_only_after_three_unanswered_tries(world: World) -> None:
    """Asked at once, after a day and after two; the third try too has its day."""
    bring(world, "awaiting_confirmation")
    for tries in (1, 2, 3):
        assert world.case.times_asked == tries
        with pytest.raises(BadInputError, match="before 未回复办结"):
            world.do("sign_no_reply", world.people.town_officer)
        world.wait(hours=24)
    # and since nobody answered, who may sign is called: the nearest of each role
    superiors = {(world.people.town_officer, "sign"): 1, (world.people.commander, "sign"): 1}
    assert world.phones.take() == asks(world.people.daughter, world.people.daughter) + Counter(
        superiors
    )
    for who in (world.people.daughter, world.people.secretary, world.people.stranger):
        with pytest.raises(ForbiddenError):
            world.do("sign_no_reply", who)
    world.do("sign_no_reply", world.people.town_officer)
    assert (world.case.state, world.case.outcome) == ("closed", "no_reply")


def test_answering_a_call_and_confirming_takes_the_case(world: World) -> None:
    world.press()
    world.settle()
    world.phones.take()
    call = Delivery.objects.get(person_id=world.people.secretary)
    answer.tell(call.id, world.people.secretary, "answered", world.clock)
    answer.tell(call.id, world.people.secretary, "answered", world.clock)
    answer.confirm(call.id, world.people.secretary, world.clock, world.keys)
    assert (world.case.state, world.case.owner_id) == ("in_progress", world.people.secretary)
    facts = DeliveryFact.objects.filter(delivery_id=call.id).order_by("id")
    assert list(facts.values_list("fact", flat=True)) == [
        "accepted",
        "delivered",
        "answered",
        "confirmed",
    ]


def test_answering_a_call_of_somebody_else_is_refused(world: World) -> None:
    world.press()
    world.settle()
    world.phones.take()
    call = Delivery.objects.get(person_id=world.people.secretary)
    with pytest.raises(BadInputError):
        answer.tell(call.id, world.people.stranger, "answered", world.clock)


def test_confirming_an_old_call_after_a_lapse_takes_the_case_again(world: World) -> None:
    """The page of the first call is still open: "I go" means now, not half an hour ago."""
    world.press()
    world.settle()
    call = Delivery.objects.get(person_id=world.people.secretary)
    answer.confirm(call.id, world.people.secretary, world.clock, world.keys)
    world.wait(seconds=1800)
    assert world.case.state == "awaiting_answer"
    answer.confirm(call.id, world.people.secretary, world.clock, world.keys)
    assert world.case.state == "in_progress"
    world.phones.take()


ILLEGAL = (
    "UPDATE loop_case SET state = 'gone'",
    "UPDATE loop_case SET state = 'closed'",
    "UPDATE loop_case SET outcome = 'confirmed'",
    "UPDATE loop_case SET state = 'in_progress'",
    "UPDATE loop_case SET state = 'closed', outcome = 'solved', closed_us = 1",
    "UPDATE loop_clock SET kind = 'tea'",
    "UPDATE loop_clock SET state = 'met'",
    "UPDATE loop_clock SET ended_us = 1",
    "UPDATE loop_pursuit SET state = 'stopped', next_due_us = 1",
    "UPDATE loop_pursuit SET state = 'tired'",
    "UPDATE loop_step SET state = 'tired'",
    "UPDATE loop_step SET n = 0",
    "UPDATE loop_callee SET person_id = 1",
    "UPDATE loop_delivery SET state = 'sent'",
    "UPDATE loop_delivery SET person_id = 1",
    "INSERT INTO loop_pursuit SELECT id + 1, case_id, 9, step, again, state, next_due_us, begun_us"
    " FROM loop_pursuit",
    "UPDATE loop_case SET merged_into = 1",
    "UPDATE loop_case SET level = 4",
    "UPDATE loop_case SET state = 'received'",
)


@pytest.mark.parametrize("sql", ILLEGAL)
def test_illegal_states_cannot_be_stored(world: World, sql: str) -> None:
    world.press()
    world.settle()
    world.phones.take()
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)


@pytest.mark.parametrize("model", [Case, CaseClock, Holding])
def test_second_open_row_of_the_same_cannot_be_stored(
    world: World, model: type[models.Model]
) -> None:
    """One open case of a subject and kind, one running clock of a kind, one who holds it now."""
    world.press()
    world.settle()
    world.phones.take()
    columns = [str(f.column) for f in model._meta.concrete_fields]
    values = ", ".join("id + 1" if c == "id" else f'"{c}"' for c in columns)
    quoted, table = ", ".join(f'"{c}"' for c in columns), model._meta.db_table
    sql = f"INSERT INTO {table} ({quoted}) SELECT {values} FROM {table}"
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)
