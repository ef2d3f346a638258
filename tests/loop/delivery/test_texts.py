"""What messages say: the scenario's words in both languages, a way to answer, never a link."""

from __future__ import annotations

import pytest

from bihuan.base.errors import BadInputError
from bihuan.journal.rows import Rows
from bihuan.journal.storage import MAIN
from bihuan.loop import projectors_pursuit
from bihuan.loop.delivery import texts
from bihuan.loop.delivery.letters import letter_for
from bihuan.loop.delivery.texts import Occasion, Saying, saying
from bihuan.loop.models import Delivery
from bihuan.register import entries as register
from tests.loop.delivery.desk import Desk

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")


def said(desk: Desk, channel: str, purpose: str = "call", *, english: bool = False) -> Saying:
    """What the newest message of the secretary's case says on a channel."""
    delivery = Delivery.objects.filter(case_id=desk.case.id).latest("id")
    delivery.channel, delivery.purpose = channel, purpose
    return saying(Occasion(Rows(MAIN), delivery, desk.case, desk.keys, english))


def pressed(desk: Desk) -> None:
    desk.add(register.CountyNamed(name="青禾县", latin="Qinghe", mode="live"))
    desk.press()
    desk.engine.run_once()


def test_call_says_what_who_where_and_how_to_answer(desk: Desk) -> None:
    pressed(desk)
    assert said(desk, "sms").title == "呼救：王桂兰"
    assert said(desk, "sms").text == (
        "青禾县：王桂兰在柳溪村呼救，08时00分。能去回复1，去不了回复2。"
    )
    assert said(desk, "voice").text.endswith("能去按1，去不了按2。")
    assert said(desk, "wecom").text.endswith("能去或去不了，请告诉值守台。")
    assert said(desk, "sms", english=True).text == (
        "Qinghe: SOS, Wang Guilan, 330402, 08:00. Reply 1: I go; 2: I cannot go."
    )


def test_question_says_what_was_answered(desk: Desk) -> None:
    pressed(desk)
    desk.do("take", desk.people.secretary)
    desk.do("report", desk.people.secretary, text="已到家中，人没事。")
    text = said(desk, "sms", "ask").text
    assert text == "青禾县：王桂兰呼救已办理，答复：已到家中，人没事。解决了回复1，没解决回复2。"
    assert said(desk, "sms", "stand_down").text.endswith("已有人处置，您不用去了。")


@pytest.mark.parametrize(
    ("mode", "mark"), [("demo", "【演示】"), ("drill", "【演练】"), ("live", "")]
)
def test_drill_and_demo_are_marked_in_every_message(
    desk: Desk, mode: register.Mode, mark: str
) -> None:
    desk.add(register.CountyNamed(name="青禾县", latin="Qinghe", mode=mode))
    desk.press()
    desk.engine.run_once()
    for purpose in ("call", "ask", "stand_down"):
        found = said(desk, "sms", purpose)
        assert found.text.startswith(f"{mark}青禾县")
        assert found.title.startswith(mark)


@pytest.mark.parametrize("channel", ["sms", "voice", "dingtalk", "ding", "wecom", "mail", "push"])
def test_no_message_has_a_link_to_click(desk: Desk, channel: str) -> None:
    pressed(desk)
    for purpose in ("call", "ask", "stand_down"):
        for english in (False, True):
            found = said(desk, channel, purpose, english=english)
            assert "http" not in f"{found.title}{found.text}{found.params}"
            assert "www." not in f"{found.title}{found.text}{found.params}"


def test_purpose_without_words_is_a_failure_with_its_reason(desk: Desk) -> None:
    pressed(desk)
    desk.account("aliyun_sms")
    desk.only_by("sms")
    delivery = Delivery.objects.filter(person_id=desk.people.secretary).latest("id")
    delivery.channel, delivery.purpose = "sms", "greeting"
    accounts = desk.dispatcher._accounts
    assert accounts is not None
    accounts[0].refresh()
    account = accounts[0].get("aliyun_sms")
    assert account is not None
    why = letter_for(Rows(MAIN), delivery, account.setup, desk.keys, desk.clock.now_us())
    assert isinstance(why, str)
    assert why.startswith("content: purpose: got greeting")
    with pytest.raises(BadInputError):
        said(desk, "sms", "greeting")


def test_every_purpose_that_the_loop_sends_has_words() -> None:
    """A message without words would fail on every account, and nobody would hear of the task."""
    sent = {"call", "ask", "stand_down", *projectors_pursuit.PRIORITIES}
    assert sent - set(texts._says) == set()
