"""Parties stand once: numbers are checked, duplicates proposed, merged and parted again."""

from __future__ import annotations

from pathlib import Path

import pytest

from bihuan.base.errors import BadInputError
from bihuan.base.time import HOUR_US, MovableClock
from bihuan.journal.keys import KeyRing
from bihuan.journal.models import Entry
from bihuan.register.acts import Registrar
from bihuan.register.history.read import as_it_was, changed_by, history_of
from bihuan.register.models import Person, Post, Reach
from bihuan.register.parties import blind
from bihuan.register.parties.acts import NewParty, NewPerson, PartyActs
from bihuan.register.parties.duplicates import DuplicateActs
from bihuan.register.parties.households import HouseholdActs
from bihuan.register.parties.models import BlindIndex, Identity, Party, ProposedDuplicate
from bihuan.register.parties.numbers import credit_code, resident_number
from bihuan.register.parties.read import aliases, household_at, household_of, resolved
from tests.rebuilt import differences
from tests.register.territory import CLERK, Territory, day, rows

db = pytest.mark.django_db(databases="__all__", transaction=True)
ID = "11010519491231002X"  # the example of GB 11643 itself
CREDIT = "91350100M000100Y43"  # the example of GB 32100 itself


@pytest.fixture
def acts(territory: Territory, clock: MovableClock, keys: KeyRing) -> PartyActs:
    return PartyActs(clock, keys, CLERK)


@pytest.fixture
def duplicates(clock: MovableClock) -> DuplicateActs:
    return DuplicateActs(clock, CLERK)


def wang(acts: PartyActs, **more: str) -> int:
    fields = {"phone": "13900001234"} | more
    return acts.person(NewPerson(name=("王桂兰", "Wang Guilan"), **fields))  # type: ignore[arg-type]


def test_identity_number_of_the_standard_is_taken_in_either_case() -> None:
    assert resident_number(ID) == resident_number(" 11010519491231002x ") == ID
    assert resident_number("440524188001010014") == "440524188001010014"


@pytest.mark.parametrize(
    "text",
    ["110105194912310021", "11010519491331002X", "1101051949123100", "1101051949123100XX", ""],
)
def test_identity_number_that_is_wrong_is_refused_and_not_repeated(text: str) -> None:
    with pytest.raises(BadInputError) as error:
        resident_number(text)
    assert text == "" or text not in str(error.value)


def test_identity_number_with_any_one_digit_changed_is_refused() -> None:
    for place in (*range(6), *range(14, 17)):  # the date of birth has a check of its own
        for digit in set("0123456789") - {ID[place]}:
            with pytest.raises(BadInputError):
                resident_number(ID[:place] + digit + ID[place + 1 :])


def test_credit_code_of_the_standard_is_taken() -> None:
    assert credit_code(CREDIT.lower()) == CREDIT


def test_credit_code_check_is_the_sum_worked_by_hand() -> None:
    # 9·1 1·3 3·9 5·27 0 1·26 0 0 M(21)·20→ 29·0 … by GB 32100: weights 3^n mod 31
    values = [9, 1, 3, 5, 0, 1, 0, 0, 21, 0, 0, 0, 1, 0, 0, 30, 4]
    total = sum(value * pow(3, n, 31) for n, value in enumerate(values))
    assert (31 - total % 31) % 31 == 3


@pytest.mark.parametrize(
    "text",
    ["91350100M000100Y44", "91350100M000100Y4", "91350100I000100Y43", "", "9135O100M000100Y43"],
)
def test_credit_code_that_is_wrong_is_refused(text: str) -> None:
    with pytest.raises(BadInputError, match="credit_code"):
        credit_code(text)


@db
def test_a_person_is_a_party_and_its_texts_are_sealed(acts: PartyActs, keys: KeyRing) -> None:
    person = wang(acts, identity_number=ID, address="柳溪村 3 组 12 号")
    party = Party.objects.get(pk=person)
    assert (party.kind, party.name) == ("person", "")
    assert keys.open(party.address) == "柳溪村 3 组 12 号"
    assert keys.open(Identity.objects.get(pk=person).number) == ID
    for entry in Entry.objects.exclude(body=None):
        for text in (ID, "王桂兰", "柳溪村 3 组", "13900001234"):
            assert text.encode() not in bytes(entry.body or b"")
    assert differences() == []


@db
def test_a_person_with_four_faults_is_told_all_four(acts: PartyActs) -> None:
    new = NewPerson(name=("", ""), phone="none", identity_number="1", area_id=3)
    with pytest.raises(BadInputError) as error:
        acts.person(new)
    wanted = {"name", "phone", "identity_number", "area_id"}
    assert {fault.field for fault in error.value.faults} == wanted
    assert not Person.objects.exists()


@db
def test_a_firm_with_a_wrong_or_taken_code_is_refused(acts: PartyActs) -> None:
    with pytest.raises(BadInputError, match="by GB 32100"):
        acts.party(NewParty(kind="legal_entity", name=("青禾农资", ""), code="91350100M000100Y44"))
    firm = acts.party(NewParty(kind="legal_entity", name=("青禾农资", ""), code=CREDIT))
    with pytest.raises(BadInputError, match=f"party {firm} has it"):
        acts.party(NewParty(kind="legal_entity", name=("青禾农资店", ""), code=CREDIT))
    for kind in ("estate", "plot"):
        acts.party(NewParty(kind=kind, name=("锦绣苑", ""), code="990101-7"))
    assert sorted(Party.objects.values_list("kind", flat=True)) == [
        "estate",
        "legal_entity",
        "plot",
    ]


@db
@pytest.mark.parametrize(
    ("first", "second", "grounds"),
    [
        ({"identity_number": ID}, {"identity_number": ID, "phone": "13955550000"}, "identity"),
        ({"phone": "13900001234"}, {"phone": "05731111 1234"}, "name_phone"),
        (
            {"address": "柳溪村 3 组 12 号"},
            {"address": "柳溪村3组12号", "phone": "13955550000"},
            "name_address",
        ),
    ],
)
def test_a_duplicate_is_proposed_on_each_ground(
    acts: PartyActs, first: dict[str, str], second: dict[str, str], grounds: str
) -> None:
    one, two = wang(acts, **first), wang(acts, **second)
    proposed = ProposedDuplicate.objects.get()
    assert (proposed.first_id, proposed.second_id) == (one, two)
    assert (proposed.grounds, proposed.state) == (grounds, "open")
    assert differences() == []


@db
def test_people_who_share_a_name_alone_are_not_proposed(acts: PartyActs) -> None:
    wang(acts)
    wang(acts, phone="13955550000")
    assert not ProposedDuplicate.objects.exists()


@db
def test_merging_leads_and_unmerging_gives_back(
    acts: PartyActs, duplicates: DuplicateActs, territory: Territory, clock: MovableClock
) -> None:
    one, two = wang(acts), wang(acts)
    three = wang(acts, phone="13900009999")
    registrar = Registrar(clock, acts.keys)
    post = registrar.post(two, "village_duty", territory.ids["柳溪村"])
    duplicates.merge(two, one)
    assert ProposedDuplicate.objects.get().state == "merged"
    duplicates.merge(one, three)
    assert [resolved(rows(), p) for p in (one, two, three)] == [three, three, three]
    assert aliases(two) == [three, one, two]
    assert Post.objects.get(pk=post).person_id == two  # what was said stays as it was said
    assert differences() == []
    with pytest.raises(BadInputError, match="a party that stands"):
        duplicates.merge(two, three)
    with pytest.raises(BadInputError, match="the party it is now"):
        acts.rename(two, ("王桂花", ""))
    duplicates.unmerge(one)
    assert [resolved(rows(), p) for p in (one, two, three)] == [one, one, three]
    with pytest.raises(BadInputError):
        duplicates.unmerge(one)
    duplicates.unmerge(two)
    assert aliases(two) == [two]
    fields = [line.field for line in history_of(Party, two)]
    assert fields == ["survivor_id"] * 4  # to one, to three, back to one, to itself
    assert differences() == []


@db
def test_merging_a_person_with_a_firm_or_itself_is_refused(
    acts: PartyActs, duplicates: DuplicateActs
) -> None:
    person = wang(acts)
    firm = acts.party(NewParty(kind="legal_entity", name=("青禾农资", ""), code=CREDIT))
    for other in (firm, person, 5):
        with pytest.raises(BadInputError, match="survivor_id"):
            duplicates.merge(person, other)


@db
def test_a_declined_pair_is_never_proposed_again(
    acts: PartyActs, duplicates: DuplicateActs
) -> None:
    one, _two = wang(acts), wang(acts)
    duplicates.decline(ProposedDuplicate.objects.get().id)
    acts.change_phone(one, "0573 1234")
    assert duplicates.propose() == []
    assert ProposedDuplicate.objects.get().state == "declined"
    with pytest.raises(BadInputError):
        duplicates.decline(ProposedDuplicate.objects.get().id)
    assert differences() == []


@db
def test_a_code_given_later_that_another_has_is_proposed(acts: PartyActs) -> None:
    one = acts.party(NewParty(kind="legal_entity", name=("青禾农资", ""), code=CREDIT))
    two = acts.party(NewParty(kind="legal_entity", name=("青禾县农资公司", "")))
    acts.recode(two, CREDIT)
    proposed = ProposedDuplicate.objects.get()
    assert (proposed.first_id, proposed.second_id, proposed.grounds) == (one, two, "code")


@db
def test_the_blind_index_tells_nothing_and_is_made_anew(
    acts: PartyActs, duplicates: DuplicateActs, keys: KeyRing, data: Path
) -> None:
    one = wang(acts, identity_number=ID)
    two = wang(acts)
    firm = acts.party(NewParty(kind="legal_entity", name=("青禾农资", ""), code=CREDIT))
    held = set(BlindIndex.objects.values_list("party_id", "kind", "token"))
    assert {kind for party, kind, _token in held if party == one} == {"identity", "name_phone"}
    assert all(ID not in token and len(token) == 64 for _party, _kind, token in held)
    BlindIndex.objects.all().delete()
    assert blind.reindex(keys) == 3
    assert set(BlindIndex.objects.values_list("party_id", "kind", "token")) == held
    assert KeyRing(data / "keys.db").token("identity", ID) == keys.token("identity", ID)
    assert KeyRing(data / "other.db").token("identity", ID) != keys.token("identity", ID)
    keys.erase(one, 1)
    blind.reindex(keys)
    left = BlindIndex.objects.values_list("party_id", flat=True)
    assert set(left) == {two, firm}
    assert duplicates.propose() == []


@db
def test_a_new_name_and_phone_leave_the_old_ones_in_the_history_sealed(
    acts: PartyActs, keys: KeyRing, clock: MovableClock
) -> None:
    person = acts.person(
        NewPerson(name=("王桂兰", "Wang"), phone="13900001234", channels=["call", "sms"])
    )
    acts.set_reaches(person, [("call", "13900001234"), ("app", "device-7"), ("sms", "13900001234")])
    then = clock.now_us()
    clock.advance(days=1)
    acts.rename(person, ("王桂花", "Wang Guihua"))
    acts.change_phone(person, "13922223333")
    assert keys.open(Person.objects.get(pk=person).name) == "王桂花"
    reaches = {r.channel: keys.open(r.address) for r in Reach.objects.filter(person_id=person)}
    assert reaches == {"call": "13922223333", "app": "device-7", "sms": "13922223333"}
    was = as_it_was(Person, person, then)
    assert was is not None
    assert (keys.open(was["name"]), keys.open(was["phone"])) == ("王桂兰", "13900001234")
    assert as_it_was(Person, person, then - HOUR_US) is None
    assert was["died_us"] is None
    name = next(line for line in history_of(Person, person) if line.field == "name")
    assert (keys.open(name.before), keys.open(name.after)) == ("王桂兰", "王桂花")
    assert name.by == CLERK
    keys.erase(person, clock.now_us())
    assert keys.open(name.before) is None
    assert differences() == []


@db
def test_a_death_ends_posts_and_calls(
    acts: PartyActs, territory: Territory, clock: MovableClock
) -> None:
    person = acts.person(NewPerson(name=("李建国", ""), phone="13900001234", channels=["call"]))
    registrar = Registrar(clock, acts.keys)
    post = registrar.post(person, "village_duty", territory.ids["柳溪村"])
    clock.advance(days=3)
    acts.died(person, clock.now_us() - HOUR_US)
    assert Person.objects.get(pk=person).died_us == clock.now_us() - HOUR_US
    assert not Reach.objects.exists()
    assert Post.objects.get(pk=post).until_us == clock.now_us()
    with pytest.raises(BadInputError, match="who lives"):
        registrar.post(person, "village_duty", territory.ids["柳溪村"])
    with pytest.raises(BadInputError):
        acts.died(person, clock.now_us())
    acts.lives(person)
    assert Person.objects.get(pk=person).died_us is None
    with pytest.raises(BadInputError):
        acts.lives(person)
    assert differences() == []


@db
def test_a_household_has_one_head_and_a_person_one_household(
    acts: PartyActs, clock: MovableClock
) -> None:
    house = acts.party(NewParty(kind="household", code="330-12"))
    other = acts.party(NewParty(kind="household"))
    man, wife = wang(acts, phone="13955550000"), wang(acts)
    at = HouseholdActs(clock, CLERK)
    at.join(house, man, day("2020-01-01"), is_head=True)
    held = at.join(house, wife, day("2021-01-01"))
    with pytest.raises(BadInputError) as error:
        at.join(house, wife, day("2022-01-01"), is_head=True)
    assert {fault.field for fault in error.value.faults} == {"person_id", "is_head"}
    at.head(house, wife, day("2023-01-01"))
    heads = [
        [member.person_id for member in household_at(rows(), house, day(date)) if member.is_head]
        for date in ("2020-06-01", "2022-12-31", "2023-01-01")
    ]
    assert heads == [[man], [man], [wife]]
    assert [m.person_id for m in household_at(rows(), house, day("2023-01-01"))] == [wife, man]
    now = next(m.id for m in household_at(rows(), house, day("2024-01-01")) if m.person_id == man)
    at.leave(now, day("2024-06-01"))
    at.join(other, man, day("2024-06-01"), is_head=True)
    assert household_of(rows(), man, day("2024-05-31")) == house
    assert household_of(rows(), man, day("2024-06-01")) == other
    with pytest.raises(BadInputError):
        at.leave(held, day("2025-01-01"))  # ended when she became the head
    assert changed_by(1, 0, clock.now_us()) == []
    assert differences() == []
