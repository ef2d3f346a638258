"""Channel accounts as they are set up now, each with what carries its messages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import msgspec
import structlog
from cryptography.exceptions import InvalidTag
from django.db.models import Count, Max

from bihuan.base.errors import BadInputError
from bihuan.journal.storage import MAIN
from bihuan.loop.delivery import vault
from bihuan.loop.delivery.entries import ChannelSetUp
from bihuan.loop.delivery.models import ChannelAccount
from bihuan.loop.delivery.registry import Carriers
from bihuan.loop.providers.carrier import Carrier

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Account:
    """One account. trouble: why it cannot send, "" where it can."""

    setup: ChannelSetUp
    carrier: Carrier | None
    trouble: str = ""

    @property
    def name(self) -> str:
        return self.setup.account


class Accounts:
    """The active accounts, read again whenever one is set up or taken down.

    A carrier, and the access token in it, lives as long as its account is unchanged.
    """

    def __init__(self, carriers: Carriers | None = None) -> None:
        self._carriers = Carriers() if carriers is None else carriers
        self._seen: object = None
        self._accounts: dict[str, Account] = {}
        self._made: dict[str, tuple[int, Account]] = {}

    def refresh(self) -> None:
        """Read what changed; cheap where nothing did."""
        rows = ChannelAccount.objects.using(MAIN)
        seen = rows.aggregate(Max("changed"), Count("id"))
        if seen == self._seen:
            return
        active = rows.filter(is_active=True).order_by("rank", "id")
        self._accounts = {row.id: self._account(row) for row in active}
        self._seen = seen

    def by_channel(self) -> Mapping[str, list[Account]]:
        """Accounts that can send, by channel, the first choice first."""
        found: dict[str, list[Account]] = {}
        for account in self._accounts.values():
            if account.carrier is not None:
                found.setdefault(account.setup.channel, []).append(account)
        return found

    def get(self, name: str) -> Account | None:
        """The active account of this name."""
        return self._accounts.get(name)

    def all(self) -> list[Account]:
        """Every active account, those in trouble too."""
        return list(self._accounts.values())

    def close(self) -> None:
        self._carriers.close()

    def _account(self, row: ChannelAccount) -> Account:
        changed, made = self._made.get(row.id, (0, None))
        if made is None or changed != row.changed:
            made = self._build(msgspec.json.decode(row.setup, type=ChannelSetUp))
            self._made[row.id] = (row.changed, made)
        return made

    def _build(self, setup: ChannelSetUp) -> Account:
        try:
            secrets = vault.kept(setup.account)
            carrier = self._carriers.make(setup.provider, setup.channel, setup.fields, secrets)
        except (BadInputError, InvalidTag, OSError) as error:
            trouble = f"{type(error).__name__}: {error}"[:200]
            log.error("account cannot send", account=setup.account, error=type(error).__name__)
            return Account(setup, None, trouble)
        return Account(setup, carrier)


def waking_channels(accounts: Accounts) -> set[str]:
    """Channels with an account that can send and wakes a sleeping person."""
    accounts.refresh()
    return {a.setup.channel for a in accounts.all() if a.setup.wakes and a.carrier is not None}
