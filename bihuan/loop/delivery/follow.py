"""What became of messages, asked for: look-ups at providers that answer, and a modem's own word."""

from __future__ import annotations

import secrets
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace

import structlog

from bihuan.base.time import DAY_US, MINUTE_US, SECOND_US, Clock
from bihuan.journal.append import Appender
from bihuan.journal.keys import KeyRing
from bihuan.journal.models import FACTS_LANE
from bihuan.journal.rows import Rows
from bihuan.journal.storage import MAIN
from bihuan.loop.channels import Told
from bihuan.loop.delivery.accounts import Account, Accounts
from bihuan.loop.delivery.callbacks import take_report
from bihuan.loop.delivery.facts import RINGING, append_told
from bihuan.loop.delivery.models import LookUp, Reference, Sending
from bihuan.loop.delivery.outbox import going_on
from bihuan.loop.delivery.replies import take_reply
from bihuan.loop.models import Delivery
from bihuan.loop.providers.carried import clean
from bihuan.loop.providers.carrier import Asked, Carrier, HttpCarrier
from bihuan.loop.providers.gsm_carrier import ModemCarrier
from bihuan.loop.providers.gsm_modem import report_of
from bihuan.loop.providers.gsm_pdu import Deliver
from bihuan.loop.providers.provider import Replied, Report
from bihuan.register.models import Reach

AFTER_S = (15, 60, 300, 1_800, 7_200, 43_200)  # after the last question, how long until the next
PER_TURN = 4
EVERY_US = 2 * SECOND_US
NO_WORD_US = 15 * MINUTE_US
log = structlog.get_logger(__name__)


class Follower:
    """Asks what became of messages; one of each dispatcher."""

    def __init__(self, clock: Clock, accounts: Accounts, keys: KeyRing) -> None:
        self._clock, self._accounts, self._keys = clock, accounts, keys
        self._asked: dict[Future[list[Told]], int] = {}
        self._next_us: int | None = None
        self._parts: dict[int, set[str]] = {}

    def expect(self, delivery_id: int, account: Account, now_us: int) -> None:
        """Ask about this message later, where its provider can be asked."""
        if isinstance(account.carrier, HttpCarrier) and account.carrier.can_be_asked:
            next_us = now_us + AFTER_S[0] * SECOND_US
            LookUp.objects.update_or_create(
                id=delivery_id, defaults={"asked": 0, "next_us": next_us}
            )

    def waiting(self) -> list[Future[list[Told]]]:
        """Questions on their way."""
        return list(self._asked)

    def run_once(self, pool: ThreadPoolExecutor) -> int:
        """One turn, every other second; how many messages something was learned of."""
        learned = self._reap()
        at_us = self._clock.monotonic_us()
        if self._next_us is not None and at_us < self._next_us:
            return learned
        self._next_us = at_us + EVERY_US
        self._ask(pool)
        return learned + self._hear() + self._no_word()

    def _reap(self) -> int:
        learned = 0
        for future in [future for future in self._asked if future.done()]:
            told = [] if future.exception() is not None else future.result()
            delivery_id = self._asked[future]
            if told:
                with Appender(FACTS_LANE, self._clock) as lane:
                    delivery = lane.rows.get(Delivery, delivery_id)
                    if delivery is not None:
                        learned += append_told(lane, delivery, told)
            del self._asked[future]
        return learned

    def _ask(self, pool: ThreadPoolExecutor) -> None:
        now_us, rows = self._clock.now_us(), Rows(MAIN)
        free = PER_TURN - len(self._asked)
        for row in LookUp.objects.filter(next_us__lte=now_us).order_by("next_us")[: max(free, 0)]:
            question = self._question(rows, row.id, now_us)
            if question is None or row.asked >= len(AFTER_S):
                row.delete()
                continue
            row.asked += 1
            row.next_us = now_us + AFTER_S[min(row.asked, len(AFTER_S) - 1)] * SECOND_US
            row.save()
            self._asked[pool.submit(_ask, *question)] = row.id

    def _question(self, rows: Rows, delivery_id: int, now_us: int) -> tuple[Carrier, Asked] | None:
        """None once its end is known, or nobody can be asked any more."""
        delivery = rows.get(Delivery, delivery_id)
        sending = rows.get(Sending, delivery_id)
        if delivery is None or sending is None or delivery.ended_us is not None:
            return None
        account = self._accounts.get(sending.account)
        reference = Reference.objects.using(MAIN).filter(delivery_id=delivery_id).first()
        reach = rows.get(Reach, sending.reach_id) if sending.reach_id is not None else None
        address = self._keys.open(reach.address) if reach is not None else None
        if account is None or account.carrier is None or reference is None or not address:
            return None
        said = reference.id.removeprefix(f"{account.name} ")
        asked = Asked(said, address, reference.at_us, now_us, secrets.token_hex(16))
        return account.carrier, asked

    def _hear(self) -> int:
        """What modems were told: status reports, and texts that came back."""
        heard = 0
        for account in self._accounts.all():
            if not isinstance(account.carrier, ModemCarrier):
                continue
            for one in account.carrier.pushed():
                heard += 1
                if isinstance(one, Deliver):
                    reply = Replied(one.sender, one.text, f"{self._clock.now_us()}-{heard}")
                    take_reply(account.name, reply, self._clock, self._keys)
                else:
                    self._hear_status(account.name, report_of(one))
        return heard

    def _hear_status(self, account: str, report: Report) -> None:
        """A status report tells of one part: only all of a text's parts are the text.

        Parts are counted in memory: after a restart a text in parts stays `accepted`.
        """
        since_us = self._clock.now_us() - DAY_US  # a modem's references come again
        sent = Reference.objects.using(MAIN).filter(id__startswith=f"{account} ")
        for row in sent.filter(at_us__gt=since_us).order_by("-at_us", "-delivery_id")[:256]:
            whole = row.id.removeprefix(f"{account} ")
            parts = set(whole.split("-"))
            if report.reference in parts:
                there = self._parts.setdefault(row.delivery_id, set())
                if any(told.fact == "delivered" for told in report.told):
                    there.add(report.reference)
                    if there != parts:
                        return
                report = replace(report, reference=whole)
                break
        if report.told:
            take_report(account, report, self._clock, self._keys)

    def _no_word(self) -> int:
        """A call that was taken and of which nothing was heard: nobody knows, and that shows."""
        silent = going_on().filter(
            channel__in=RINGING,
            state__in=("accepted", "delivered"),
            ended_us=None,
            attempted_us__lte=self._clock.now_us() - NO_WORD_US,
        )
        told = Told("unknown", f"no receipt within {NO_WORD_US // MINUTE_US} min")
        for delivery in silent.order_by("id")[:PER_TURN]:
            with Appender(FACTS_LANE, self._clock) as lane:
                append_told(lane, delivery, [told])
        return 0


def _ask(carrier: Carrier, asked: Asked) -> list[Told]:
    return list(clean(carrier, asked.address, tuple(carrier.look_up(asked))))
