"""A click becomes an act: once, by whom it may, and with a plain answer where it may not."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from bihuan.loop import entries
from bihuan.loop.models import Case, Happening, Proof
from tests.console.place import ADDRESS, ELDER, JPEG, Place
from tests.loop.test_faults import broken

pytestmark = pytest.mark.django_db(databases="__all__")

PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 40
TEXT = "到家中，老人坐在椅上，量了血压，没有外伤"


def photo(content: bytes = JPEG, name: str = "photo.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, "image/jpeg")


def happened(case_id: int, kind: str) -> int:
    return Happening.objects.filter(case_id=case_id, kind=kind).count()


def kept(data: Path) -> int:
    """How many photos are on disk."""
    folder = data / "proofs"
    return len(list(folder.iterdir())) if folder.exists() else 0


def send(client: Client, case_id: int, act: str, **fields: object) -> tuple[int, str]:
    """Send the form of an act; (status, page)."""
    said = {"act": act, "key": f"click-{act}", **fields}
    answer = client.post(f"/cases/{case_id}/act", said)
    return answer.status_code, answer.content.decode()


def test_take_by_click_gives_the_case_its_owner_and_stops_the_answer_clock(place: Place) -> None:
    case_id = place.hold_key()
    status, _ = send(place.client("village"), case_id, "take")
    assert status == 302
    case = Case.objects.get(id=case_id)
    assert (case.state, case.owner_id) == ("in_progress", place.people.secretary)
    assert place.clocks()["answer"] == "met"
    page = place.client("command").get(f"/cases/{case_id}/").content.decode()
    assert "沈文启" in page


def test_take_from_the_board_goes_on_to_where_the_form_says(place: Place) -> None:
    case_id = place.hold_key()
    client = place.client("village")
    answer = client.post(f"/cases/{case_id}/act", {"act": "take", "key": "k", "next": "board"})
    assert (answer.status_code, answer["Location"]) == (302, "/")


@pytest.mark.parametrize(("language", "says"), [("zh-hans", "沈文启"), ("en", "Shen Wenqi")])
def test_take_second_of_two_clicks_is_told_who_and_when(
    place: Place, language: str, says: str
) -> None:
    case_id = place.hold_key()
    place.wall.advance(seconds=65)  # 08:01:05 in the county
    assert send(place.client("village"), case_id, "take")[0] == 302
    place.wall.advance(seconds=3)
    status, page = send(place.client("town", language), case_id, "take")
    assert status == 409
    assert says in page
    assert "08:01:05" in page
    assert Case.objects.get(id=case_id).owner_id == place.people.secretary


def test_form_sent_twice_is_one_act(place: Place) -> None:
    case_id = place.hold_key()
    client = place.client("village")
    for _time in range(2):
        assert send(client, case_id, "take")[0] == 302
    for _time in range(2):
        assert send(client, case_id, "progress", text="到门口了")[0] == 302
    assert (happened(case_id, "taken"), happened(case_id, "progressed")) == (1, 1)


def test_form_without_a_key_is_refused_before_it_can_swallow_another(place: Place) -> None:
    """Two forms without a key would be one click to the journal: the second would be lost."""
    case_id = place.hold_key()
    client = place.client("village")
    assert send(client, case_id, "take")[0] == 302
    for text in ("到村口了", "到门口了"):
        assert send(client, case_id, "progress", text=text, key="")[0] == 422
    assert happened(case_id, "progressed") == 0


def test_form_with_an_unknown_act_changes_nothing(place: Place) -> None:
    case_id = place.hold_key()
    assert send(place.client("village"), case_id, "close")[0] == 422
    assert Case.objects.get(id=case_id).state == "awaiting_answer"


def test_report_without_text_keeps_what_was_typed_beside_the_fault(place: Place) -> None:
    case_id = place.hold_key()
    client = place.client("village")
    send(client, case_id, "take")
    status, page = send(client, case_id, "report", text="", answer="马上有人来看您")
    assert status == 422
    form = page.split('id="fold-report"')[1].split("</form>")[0]
    assert "请写几句：看到什么、做了什么" in form
    assert "马上有人来看您" in form
    assert 'aria-invalid="true"' in form
    assert Case.objects.get(id=case_id).state == "in_progress"


@pytest.mark.parametrize(
    "content", [b"GIF89a" + b"\x00" * 40, b"<svg/>", b"", b"RIFF\x00\x00\x00\x00AVI "]
)
def test_report_with_a_file_that_is_no_photo_is_refused(place: Place, content: bytes) -> None:
    case_id = place.hold_key()
    client = place.client("village")
    send(client, case_id, "take")
    status, page = send(client, case_id, "report", text=TEXT, photo=photo(content))
    form = page.split('id="fold-report"')[1].split("</form>")[0]
    assert status == 422
    assert "请选用照片文件" in form
    assert TEXT in form
    assert not Proof.objects.exists()


def test_photo_is_stored_sealed_and_shown_to_those_who_may(place: Place, data: Path) -> None:
    case_id = place.hold_key()
    client = place.client("village")
    send(client, case_id, "take")
    assert send(client, case_id, "report", text=TEXT, photo=photo(), place="30.1,119.2")[0] == 302
    address = f"/cases/{case_id}/proof/{Proof.objects.get().digest}"
    for role in ("command", "town", "village", "family"):
        answer = place.client(role).get(address)
        assert (answer.status_code, answer.content) == (200, JPEG), role
        assert answer["Content-Type"] == "image/jpeg"
    for role in ("neighbour", "stranger"):
        assert place.client(role).get(address).status_code == 404, role
    assert place.client().get(address).status_code == 302
    files = [path.read_bytes() for path in (data / "proofs").iterdir()]
    assert len(files) == 1
    assert JPEG[:16] not in files[0]
    assert b"JFIF" not in files[0]


def test_photo_of_another_case_is_not_shown_through_ones_own(place: Place) -> None:
    first = place.hold_key()
    client = place.client("village")
    send(client, first, "take")
    send(client, first, "report", text=TEXT, photo=photo())
    digest = Proof.objects.get().digest
    place.signal(place.subject())
    place.settle()
    assert place.case.id != first
    assert client.get(f"/cases/{place.case.id}/proof/{digest}").status_code == 404
    assert client.get(f"/cases/{first}/proof/{'0' * 64}").status_code == 404


def test_photo_larger_than_ten_megabytes_is_refused(place: Place) -> None:
    case_id = place.hold_key()
    client = place.client("village")
    send(client, case_id, "take")
    huge = photo(PNG + b"\x00" * 10_000_000)
    assert send(client, case_id, "report", text=TEXT, photo=huge)[0] == 422


def test_photo_of_a_refused_report_is_not_kept(place: Place, data: Path) -> None:
    """What nobody may refer to is not stored: a refused form leaves no picture behind."""
    case_id = place.hold_key()
    client = place.client("village")
    send(client, case_id, "take")
    assert send(client, case_id, "report", text="", photo=photo())[0] == 422
    assert send(place.client("family"), case_id, "solved", text="", photo=photo())[0] == 409
    assert kept(data) == 0


def test_photo_of_a_form_sent_twice_is_kept_once(place: Place, data: Path) -> None:
    case_id = place.hold_key()
    client = place.client("village")
    assert send(client, case_id, "take", photo=photo())[0] == 302  # take names no photo
    assert kept(data) == 0
    for _time in range(2):
        assert send(client, case_id, "report", text=TEXT, photo=photo())[0] == 302
    assert kept(data) == 1
    address = f"/cases/{case_id}/proof/{Proof.objects.get().digest}"
    assert client.get(address).content == JPEG


def test_false_alarm_is_two_taps(place: Place) -> None:
    """Open the fold, tap a reason: the form has nothing to type in."""
    case_id = place.hold_key()
    client = place.client("village")
    page = client.get(f"/cases/{case_id}/").content.decode()
    form = page.split('id="fold-false_alarm"')[1].split("</details>")[0]
    assert form.count("<button") == 3
    assert "<textarea" not in form
    assert '<button class="btn" name="text" value="误触">误触</button>' in form
    assert send(client, case_id, "false_alarm", text="误触")[0] == 302
    case = Case.objects.get(id=case_id)
    assert (case.state, case.outcome) == ("closed", "false_alarm")


def test_steps_not_reached_of_a_closed_case_are_said_not_to_be_needed(place: Place) -> None:
    """Nothing is waited for once it is closed; while it runs, the steps ahead wait."""
    case_id = place.hold_key()
    client = place.client("village")
    states = r'<li class="step (\w+)"><p class="st"><b>[^<]*</b><span class="sw">([^<]*)</span>'

    def ladder() -> list[tuple[str, str]]:
        return re.findall(states, client.get(f"/cases/{case_id}/").content.decode())

    ahead = [one for one in ladder() if one[0] == "waiting"]
    assert ahead == [("waiting", "等待")] * len(ahead) != []
    assert send(client, case_id, "false_alarm", text="误触")[0] == 302
    assert [one for one in ladder() if one[0] == "waiting"] == []
    assert ladder()[-len(ahead) :] == [("spared", "没有用到")] * len(ahead)


def test_family_says_solved_and_the_case_is_closed(place: Place) -> None:
    case_id = place.reported()
    assert send(place.client("family"), case_id, "solved")[0] == 302
    case = Case.objects.get(id=case_id)
    assert (case.state, case.outcome) == ("closed", "confirmed")


def test_family_says_not_solved_and_the_same_case_goes_on(place: Place) -> None:
    case_id = place.reported()
    assert send(place.client("family"), case_id, "not_solved", text="没人上门")[0] == 302
    assert Case.objects.get(id=case_id).state == "in_progress"
    assert Case.objects.count() == 1
    page = place.client("command").get(f"/cases/{case_id}/").content.decode()
    assert "没人上门" in page


def test_handler_cannot_confirm_his_own_work(place: Place) -> None:
    """The daughter took the case and reported it: she does not also say that it is solved."""
    case_id = place.hold_key()
    client = place.client("family")
    send(client, case_id, "take")
    send(client, case_id, "report", text=TEXT)
    status, page = send(client, case_id, "solved")
    assert status == 403
    assert "你现在不能做这一步" in page
    assert ELDER not in page
    assert Case.objects.get(id=case_id).state == "awaiting_confirmation"
    assert 'value="solved"' not in client.get(f"/cases/{case_id}/").content.decode()


def test_secretary_cannot_say_solved_for_the_family(place: Place) -> None:
    case_id = place.reported()
    assert send(place.client("village"), case_id, "solved")[0] == 403
    assert send(place.client("town"), case_id, "sign_no_reply", text="问过")[0] == 422
    assert Case.objects.get(id=case_id).state == "awaiting_confirmation"


def test_parked_case_is_answered_with_503(place: Place) -> None:
    """The step is not recorded, and the page says so; the health page and the board say so too."""
    case_id = place.hold_key()
    with broken(entries.DeliveryTold, case_id):
        place.wait(seconds=60)
    status, page = send(place.client("village"), case_id, "take")
    assert status == 503
    assert "你的这一步没有记入" in page
    assert Case.objects.get(id=case_id).state == "awaiting_answer"
    assert place.client().get("/health").status_code == 503
    assert f"事件 {case_id} 暂停显示" in place.client("command").get("/").content.decode()


@pytest.mark.parametrize("role", ["neighbour", "stranger"])
def test_act_on_a_foreign_case_is_not_found_and_shows_nothing(place: Place, role: str) -> None:
    case_id = place.hold_key()
    status, page = send(place.client(role), case_id, "take", photo=photo())
    assert status == 404
    assert ELDER not in page
    assert ADDRESS not in page
    assert Case.objects.get(id=case_id).state == "awaiting_answer"


def test_act_without_the_page_s_token_is_refused(place: Place) -> None:
    """A form on another site cannot act in somebody's name."""
    case_id = place.hold_key()
    client = Client(enforce_csrf_checks=True)
    client.force_login(place.user("village"), "django.contrib.auth.backends.ModelBackend")
    assert send(client, case_id, "take")[0] == 403
    assert Case.objects.get(id=case_id).state == "awaiting_answer"
