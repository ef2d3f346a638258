"""When an account is left alone for a while: it was not reached, asked for a pause, or has trouble.

Kept in memory: after a restart one message probes anew. While an account is paused its messages
stay queued, and when it comes back they leave by priority and rate: no storm.
"""

from __future__ import annotations

from bihuan.base.time import SECOND_US

FIRST_S, LONGEST_S = 5, 60
LOST_IN_A_ROW = 3
TROUBLE_S = 60


class Pauses:
    """Pauses of accounts, and of single messages at an account that throttled them."""

    def __init__(self) -> None:
        self._until_us: dict[str, int] = {}
        self._streaks: dict[str, int] = {}
        self._lost: dict[str, int] = {}
        self._resting_us: dict[tuple[int, str], int] = {}

    def until_us(self, account: str, now_us: int) -> int | None:
        """Until when the account is paused; None where it is not."""
        until_us = self._until_us.get(account, 0)
        return until_us if until_us > now_us else None

    def is_probing(self, account: str) -> bool:
        """Whether its last message did not reach it: one message at a time finds out."""
        return account in self._streaks

    def is_resting(self, delivery_id: int, account: str, now_us: int) -> bool:
        """Whether this message is not to be tried by this account yet."""
        return self._resting_us.get((delivery_id, account), 0) > now_us

    def not_reached(self, account: str, now_us: int) -> int:
        """It was not reached: 5 s, then twice as long each time, a minute at most; until when."""
        if self.until_us(account, now_us) is None:  # of several at once, one counts
            streak = self._streaks[account] = self._streaks.get(account, 0) + 1
            pause_s = min(FIRST_S * 2 ** min(streak - 1, 10), LONGEST_S)
            self._until_us[account] = now_us + pause_s * SECOND_US
        return self._until_us[account]

    def lost(self, account: str, now_us: int) -> None:
        """A message left and nothing came back: several in a row, and no more are risked."""
        self._lost[account] = self._lost.get(account, 0) + 1
        if self._lost[account] >= LOST_IN_A_ROW:
            self.not_reached(account, now_us)

    def answered(self, account: str) -> None:
        """It answered, whatever it said."""
        self._streaks.pop(account, None)
        self._lost.pop(account, None)

    def troubled(self, account: str, now_us: int, for_s: int = TROUBLE_S) -> None:
        """It says itself that it cannot send now: no balance, no permission, too much."""
        self._until_us[account] = max(self._until_us.get(account, 0), now_us + for_s * SECOND_US)

    def rest(self, delivery_id: int, account: str, until_us: int, now_us: int) -> None:
        """This message is not tried by this account before until_us."""
        if len(self._resting_us) > 10_000:
            self._resting_us = {k: at for k, at in self._resting_us.items() if at > now_us}
        self._resting_us[delivery_id, account] = until_us
