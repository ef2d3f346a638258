"""A matter that people report goes from desk to desk: states, receipts, returns, and its end."""

from __future__ import annotations

from pathlib import Path

import pytest

from bihuan.base.errors import BadInputError
from bihuan.loop import proofs
from bihuan.loop.act import Command, ForbiddenError, GivenFile, TakenError, act, act_many, acts_for
from bihuan.loop.cases.models import CaseLink, Document, Matter
from bihuan.loop.models import Case, Happening
from bihuan.loop.rights import visible_cases
from bihuan.loop.units.models import Assignment
from tests.county import PHOTO, World
from tests.matters import MATTER, reported
from tests.rebuilt import differences

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db(databases="__all__")]

WAY = ("accept", "assign", "receive", "begin", "submit", "pass", "solved")


def village(world: World) -> dict[str, str]:
    return {"target": f"role:village_duty@{world.people.village}"}


def bring(world: World, upto: str, key: str = "1") -> int:
    """A case of the stranger's road, brought along the way up to and with an act."""
    case, people = reported(world, key), world.people
    who = {
        **dict.fromkeys(("accept", "assign"), people.town_officer),
        **dict.fromkeys(("receive", "begin", "submit"), people.secretary),
        "pass": people.commander,
        "solved": people.stranger,
    }
    for name in WAY[: WAY.index(upto) + 1] if upto else ():
        fields = village(world) if name == "assign" else {}
        answer = "路已修好" if name == "submit" else ""
        world.do(name, who[name], case=case, answer=answer, fields=fields)
        world.settle()
    return case


def case_of(identity: int) -> Case:
    return Case.objects.get(id=identity)


def test_matter_goes_its_way_and_every_receiver_gets_a_message(world: World) -> None:
    """New, accepted, assigned to the village, received, begun, submitted, checked, solved."""
    people = world.people
    case = bring(world, "solved")
    assert (case_of(case).state, case_of(case).outcome) == ("closed", "confirmed")
    lines = Happening.objects.filter(case_id=case).order_by("id").values_list("kind", flat=True)
    kinds = [kind for kind in lines if not kind.startswith("lead")]
    assert kinds == [
        *("matter_opened", "accept", "assign", "signed_for", "receive", "begin", "submit"),
        *("pass", "solved", "closed"),
    ]
    # the village was told of its work, the origin was asked: the reporter, not a family
    assert world.phones.take() == {(people.secretary, "task"): 1, (people.stranger, "ask"): 1}
    made = Assignment.objects.get(case_id=case)
    assert (made.state, made.received_by) == ("received", people.secretary)
    assert differences() == []


def test_origin_of_a_matter_is_asked_and_its_no_brings_it_back(world: World) -> None:
    case = bring(world, "pass")
    assert world.phones.take() == {
        (world.people.secretary, "task"): 1,
        (world.people.stranger, "ask"): 1,
    }
    world.do("not_solved", world.people.stranger, case=case)
    found = case_of(case)
    assert (found.state, found.owner_id) == ("in_progress", world.people.secretary)


def test_report_with_the_same_key_opens_one_case(world: World) -> None:
    assert reported(world) == reported(world)
    assert Case.objects.count() == Matter.objects.count() == 1


def test_report_names_every_bad_field(world: World) -> None:
    with pytest.raises(BadInputError) as refused:
        reported(world, area_id=5, origin_id=6, via="pigeon")
    named = {fault.field for fault in refused.value.faults}
    assert named == {"area_id", "origin_id", "via"}


def test_matter_written_down_needs_a_post_there_and_a_word_on_reading_back(world: World) -> None:
    officer = world.people.town_officer
    with pytest.raises(BadInputError, match="read_back"):
        reported(world, taken_down_by=officer)
    with pytest.raises(ForbiddenError):
        reported(world, taken_down_by=world.people.stranger, is_read_back=True)
    reported(world, taken_down_by=officer, is_read_back=False, origin_id=None, via="spoken")
    kept = Matter.objects.get()
    assert (kept.taken_down_by, kept.is_read_back, kept.origin_id) == (officer, False, None)


def test_matter_of_nobody_is_sealed_with_a_key_of_its_own(world: World) -> None:
    case = case_of(reported(world, origin_id=None))
    assert case.sealed_for == Matter.objects.get().id
    assert world.keys.open(Matter.objects.get().text) == "村口路坏了"


def test_stranger_to_a_matter_is_refused_everything(world: World) -> None:
    """The daughter has no part in it: no act of the table is hers in any state."""
    for upto in ("", *WAY):
        case = bring(world, upto, key=f"k{upto}")
        for declared in MATTER.acts:
            with pytest.raises(ForbiddenError):
                world.do(declared.name, world.people.daughter, case=case)
        assert not acts_for(case_of(case), world.people.daughter, world.clock.now_us())
        found = visible_cases(world.people.daughter, world.clock.now_us())
        assert not found.filter(id=case).exists()
    world.phones.take()


def test_origin_and_assigned_person_see_the_case(world: World) -> None:
    case, now_us = reported(world), world.clock.now_us()
    world.do("accept", world.people.town_officer, case=case)
    assert visible_cases(world.people.stranger, now_us).filter(id=case).exists()
    assert not visible_cases(world.people.daughter, now_us).filter(id=case).exists()
    target = {"target": f"person:{world.people.daughter}"}
    world.do("assign", world.people.town_officer, case=case, fields=target)
    assert visible_cases(world.people.daughter, now_us).filter(id=case).exists()


def test_declining_needs_words_and_a_remedy_and_tells_the_origin(world: World) -> None:
    case = bring(world, "")
    with pytest.raises(BadInputError) as refused:
        world.do("decline", world.people.town_officer, case=case, text="")
    assert {fault.field for fault in refused.value.faults} == {"text", "remedy"}
    remedy = {"remedy": "可以向县里申请复核"}
    world.do("decline", world.people.town_officer, case=case, fields=remedy, text="不属本镇")
    world.settle()
    assert case_of(case).outcome == "declined"
    assert world.phones.take() == {(world.people.stranger, "tell"): 1}
    line = Happening.objects.get(case_id=case, kind="remedy")
    assert world.keys.open(line.text) == "可以向县里申请复核"


def test_second_return_goes_to_the_assigners_superior(world: World) -> None:
    case, people = bring(world, "assign"), world.people
    world.do("return", people.secretary, case=case, text="不归我们管")
    world.settle()
    assert case_of(case).state == "accepted"
    assert world.phones.take() == {(people.secretary, "task"): 1, (people.town_officer, "task"): 1}
    world.do("assign", people.town_officer, case=case, fields=village(world))
    world.do("return", people.secretary, case=case, text="还是不归")
    world.settle()
    assert case_of(case).returns == 2
    assert world.phones.take()[people.commander, "task"] == 1


def test_assignment_to_nobody_is_refused_by_field(world: World) -> None:
    case, people = bring(world, "accept"), world.people
    for wrong in ("person:5", f"role:village_duty@{people.county}", "unit:1", "me", ""):
        with pytest.raises(BadInputError) as refused:
            world.do("assign", people.town_officer, case=case, fields={"target": wrong})
        assert [fault.field for fault in refused.value.faults] == ["target"]
    assert case_of(case).state == "accepted"


def test_summoned_units_report_in_and_say_what_they_did(world: World) -> None:
    case, people = bring(world, "begin"), world.people
    units = {"units": f"role:town_duty@{people.town},person:{people.daughter}"}
    world.do("summon", people.secretary, case=case, fields=units, text="请到场")
    world.settle()
    told = world.phones.take()
    assert told[people.town_officer, "task"] == told[people.daughter, "task"] == 1
    for who in (people.stranger, people.secretary):
        with pytest.raises(ForbiddenError):
            world.do("report_in", who, case=case)
    world.do("report_in", people.daughter, case=case)
    with pytest.raises(BadInputError, match="none of yours"):
        world.do("report_in", people.daughter, case=case)
    world.do("assist_report", people.daughter, case=case, text="已封路")
    states = Assignment.objects.filter(case_id=case, purpose="summon").order_by("id")
    assert list(states.values_list("state", flat=True)) == ["waiting", "reported"]


def test_lead_reports_only_after_every_assisting_unit(world: World) -> None:
    case, people = bring(world, "begin"), world.people
    units = {"units": f"role:town_duty@{people.town}"}
    world.do("assist", people.secretary, case=case, fields=units)
    with pytest.raises(BadInputError, match="every assisting report"):
        world.do("submit", people.secretary, case=case, answer="修好了")
    world.do("assist_report", people.town_officer, case=case)
    world.do("submit", people.secretary, case=case, answer="修好了")
    assert case_of(case).state == "awaiting_check"
    world.settle()
    world.phones.take()


def test_submitting_without_an_answer_to_the_origin_is_refused(world: World) -> None:
    case = bring(world, "begin")
    with pytest.raises(BadInputError, match="plain words"):
        world.do("submit", world.people.secretary, case=case)
    world.phones.take()


def test_hand_over_changes_the_holder_only_when_it_is_accepted(world: World) -> None:
    case, people = bring(world, "begin"), world.people
    target = {"target": f"person:{people.daughter}"}
    world.do("hand_over", people.secretary, case=case, fields=target)
    assert case_of(case).owner_id == people.secretary
    world.do("keep", people.daughter, case=case, text="我不懂修路")
    world.do("hand_over", people.secretary, case=case, fields=target)
    world.do("take_over", people.daughter, case=case)
    assert case_of(case).owner_id == people.daughter
    world.settle()
    world.phones.take()


def test_duplicate_is_proposed_and_its_origin_is_answered_with_the_other(world: World) -> None:
    people = world.people
    first = bring(world, "begin", key="a")
    second = reported(world, "b", origin_id=people.daughter)
    link = CaseLink.objects.get()
    assert (link.case_id, link.other_id, link.link) == (second, first, "duplicate")
    world.do("merge", people.town_officer, case=second, fields={"case": f"{first}"})
    assert (case_of(second).outcome, case_of(second).merged_into) == ("merged", first)
    assert case_of(first).signals == 2
    world.settle()
    world.phones.take()
    world.do("submit", people.secretary, case=first, answer="路已修好")
    world.do("pass", people.commander, case=first)
    world.settle()
    assert world.phones.take() == {(people.stranger, "ask"): 1, (people.daughter, "tell"): 1}
    assert world.keys.open(case_of(second).answer) == "路已修好"
    assert differences() == []


def test_merging_into_a_case_of_somebody_else_says_nothing_about_it(world: World) -> None:
    case = bring(world, "accept")
    for other in (case, 12345):
        with pytest.raises(BadInputError, match="another case"):
            world.do("merge", world.people.town_officer, case=case, fields={"case": f"{other}"})


def test_whole_cannot_close_before_its_parts(world: World) -> None:
    people = world.people
    whole, part = bring(world, "submit", key="a"), reported(world, "b")
    world.do("link_child", people.town_officer, case=part, fields={"case": f"{whole}"})
    with pytest.raises(BadInputError, match="open parts"):
        world.do("pass", people.commander, case=whole)
    with pytest.raises(BadInputError, match="not a part of this one"):
        world.do("link_child", people.town_officer, case=whole, fields={"case": f"{part}"})
    remedy = {"remedy": "无"}
    world.do("decline", people.town_officer, case=part, fields=remedy)
    world.do("pass", people.commander, case=whole)
    world.settle()
    world.phones.take()


def test_batch_of_acts_tells_what_became_of_each(world: World) -> None:
    cases = [reported(world, key) for key in ("a", "b", "c")]
    world.do("accept", world.people.town_officer, case=cases[1])
    officer = world.people.town_officer
    wanted = [Command("accept", case, officer, "api", "k") for case in (*cases, 999)]
    results = act_many(wanted, world.clock, world.keys)
    assert [type(result.error) for result in results] == [
        type(None),
        TakenError,
        type(None),
        ForbiddenError,
    ]
    again = act_many(wanted, world.clock, world.keys)
    assert [one.position for one in again] == [one.position for one in results]


def test_reopening_is_a_superiors_and_ends_after_thirty_days(world: World) -> None:
    case, people = bring(world, "solved"), world.people
    with pytest.raises(ForbiddenError):
        world.do("reopen", people.town_officer, case=case)
    world.wall.advance(days=30)
    world.do("reopen", people.commander, case=case)
    found = case_of(case)
    assert (found.state, found.outcome, found.owner_id) == ("in_progress", None, people.secretary)
    world.settle()
    world.phones.take()
    world.do("submit", people.secretary, case=case, answer="这次修好了")
    world.do("pass", people.commander, case=case)
    world.settle()
    assert world.phones.take()[people.stranger, "ask"] == 1, "a new question is asked anew"
    world.do("solved", people.stranger, case=case)
    world.wall.advance(days=30, seconds=1)
    with pytest.raises(BadInputError, match="at most 30 days"):
        world.do("reopen", people.commander, case=case)
    assert differences() == []


def test_closing_without_asking_is_for_cases_with_nobody_to_ask(world: World) -> None:
    case = bring(world, "submit")
    with pytest.raises(BadInputError, match="the origin has its say"):
        world.do("close", world.people.commander, case=case)
    world.phones.take()


def test_document_is_sealed_kept_by_digest_and_named_by_its_entry(
    world: World, tmp_path: Path
) -> None:
    case, officer = bring(world, "begin"), world.people.town_officer
    sealed_for = case_of(case).sealed_for
    digest = proofs.store_document(tmp_path, sealed_for, b"%PDF-1.7", world.keys)
    file = GivenFile(digest, "application/pdf", 8, "鉴定书.pdf")
    command = Command("attach", case, officer, "page", "k", files=(file,))
    at = act(command, world.clock, world.keys)
    kept = Document.objects.get(case_id=case)
    assert (kept.digest, world.keys.open(kept.name)) == (digest, "鉴定书.pdf")
    assert proofs.named_at(at) == {digest}
    assert proofs.fetch(tmp_path, digest, world.keys) == b"%PDF-1.7"
    with pytest.raises(BadInputError, match="files"):
        world.do("attach", officer, case=case)
    world.phones.take()


def test_photo_of_a_submission_is_named_by_its_entry(world: World) -> None:
    case = bring(world, "begin")
    command = Command(
        *("submit", case, world.people.secretary, "page", "k"),
        text="修好了",
        answer="路修好了",
        proof=(PHOTO,),
    )
    assert proofs.named_at(act(command, world.clock, world.keys)) == {PHOTO.digest}
    world.phones.take()


def test_checker_is_not_the_handler(world: World) -> None:
    """The commander holds it and may check: not both for the same case."""
    case, people = bring(world, "accept"), world.people
    target = {"target": f"person:{people.commander}"}
    world.do("assign", people.town_officer, case=case, fields=target)
    world.do("receive", people.commander, case=case)
    world.do("begin", people.commander, case=case)
    world.do("submit", people.commander, case=case, answer="好了")
    with pytest.raises(ForbiddenError):
        world.do("pass", people.commander, case=case)
    world.do("pass", people.town_officer, case=case)
    world.settle()
    world.phones.take()
