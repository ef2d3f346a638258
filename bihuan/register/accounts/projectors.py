"""Entries about accounts, administrators, keys and subscriptions become rows."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from bihuan.base.errors import bad
from bihuan.journal.project import Recorded, projects
from bihuan.journal.rows import Rows
from bihuan.register.accounts import entries, models
from bihuan.register.models import Person


@projects(entries.AccountOpened)
def account_opened(rows: Rows, entry: Recorded[entries.AccountOpened]) -> None:
    said = entry.payload
    _must_be_registered(rows, said.person_id)
    rows.new(
        models.KnownAccount,
        id=said.person_id,
        username=said.username,
        opened_us=entry.recorded_us,
        is_disabled=False,
    )


@projects(entries.AccountDisabled)
def account_disabled(rows: Rows, entry: Recorded[entries.AccountDisabled]) -> None:
    rows.change(models.KnownAccount, entry.payload.person_id).is_disabled = True


@projects(entries.AccountEnabled)
def account_enabled(rows: Rows, entry: Recorded[entries.AccountEnabled]) -> None:
    rows.change(models.KnownAccount, entry.payload.person_id).is_disabled = False


@projects(entries.AdministratorAppointed)
def appointed(rows: Rows, entry: Recorded[entries.AdministratorAppointed]) -> None:
    said = entry.payload
    _must_be_registered(rows, said.person_id)
    rows.new(
        models.Administrator, id=said.person_id, office=said.office, since_us=entry.recorded_us
    )


@projects(entries.AdministratorReleased)
def released(rows: Rows, entry: Recorded[entries.AdministratorReleased]) -> None:
    rows.remove(models.Administrator, entry.payload.person_id)


@projects(entries.RightGranted)
def right_granted(rows: Rows, entry: Recorded[entries.RightGranted]) -> None:
    said = entry.payload
    rows.new(
        models.Grant,
        id=entry.id(),
        person_id=said.person_id,
        post_id=said.post_id,
        by_person_id=said.by.person_id,
        at_us=entry.recorded_us,
    )


@projects(entries.IdentityBound)
def identity_bound(rows: Rows, entry: Recorded[entries.IdentityBound]) -> None:
    said = entry.payload
    _must_be_registered(rows, said.person_id)
    rows.new(
        models.IdentityBinding,
        id=entry.id(),
        person_id=said.person_id,
        provider=said.provider,
        identity=said.identity,
        is_released=False,
    )


@projects(entries.IdentityReleased)
def identity_released(rows: Rows, entry: Recorded[entries.IdentityReleased]) -> None:
    rows.change(models.IdentityBinding, entry.payload.binding_id).is_released = True


@projects(entries.ApiKeyMade)
def api_key_made(rows: Rows, entry: Recorded[entries.ApiKeyMade]) -> None:
    said = entry.payload
    _must_be_registered(rows, said.person_id)
    rows.new(
        models.IntegrationKey,
        id=entry.id(),
        person_id=said.person_id,
        name=said.name,
        scenarios=_json(said.scenarios),
        verbs=_json(said.verbs),
        area_id=said.area_id,
        expires_us=said.expires_us,
        is_revoked=False,
        by_person_id=said.by.person_id,
    )


@projects(entries.ApiKeyRevoked)
def api_key_revoked(rows: Rows, entry: Recorded[entries.ApiKeyRevoked]) -> None:
    rows.change(models.IntegrationKey, entry.payload.key_id).is_revoked = True


@projects(entries.SubscriptionMade)
def subscription_made(rows: Rows, entry: Recorded[entries.SubscriptionMade]) -> None:
    said = entry.payload
    rows.new(
        models.Subscription,
        id=entry.id(),
        key_id=said.key_id,
        url=said.url,
        events=_json(said.events),
        area_id=said.area_id,
        ended="",
    )


@projects(entries.SubscriptionEnded)
def subscription_ended(rows: Rows, entry: Recorded[entries.SubscriptionEnded]) -> None:
    rows.change(models.Subscription, entry.payload.subscription_id).ended = entry.payload.reason


def _must_be_registered(rows: Rows, person_id: int) -> None:
    if rows.get(Person, person_id) is None:
        raise bad("person_id", person_id, "a registered person")


def _json(words: Sequence[str]) -> str:
    return msgspec.json.encode(words).decode()
