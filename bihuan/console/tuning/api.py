"""The API of a person's own limits: who set them, why, until when; as the page of the rule.

Other systems' keys reach none of it: whose limits are other tells about somebody's health or home.
"""

from __future__ import annotations

from typing import Annotated, Any

from django.http import Http404, HttpRequest, HttpResponse
from ninja import Header, Path, Query, Router, Schema
from pydantic import ConfigDict, Field

from bihuan.base.time import rfc3339
from bihuan.console.access.answers import ErrorOut, FaultsOut
from bihuan.console.access.cursor import link_next, page_by
from bihuan.console.access.once import once
from bihuan.console.entries import OverrideViewed
from bihuan.console.home import clock, keys
from bihuan.console.tuning import shown
from bihuan.console.tuning.known import declared, rights_of, subjects_within, versions
from bihuan.console.tuning.pages import seeing, until_us
from bihuan.console.visit import key_behind, person_of
from bihuan.journal.append import Appender
from bihuan.journal.models import VIEWS_LANE
from bihuan.journal.storage import MAIN
from bihuan.loop.act import ForbiddenError as ActForbidden
from bihuan.register.records.doing import By
from bihuan.register.refusals import ForbiddenError
from bihuan.rules.overrides.acts import Limits, NewOverride, parameters_of
from bihuan.rules.overrides.models import SubjectOverride

router = Router(tags=["rules"])
Key = Annotated[str, Header(alias="Idempotency-Key", min_length=1, max_length=64)]
Id = Annotated[int, Path(ge=1, le=2**63 - 1)]
PAGE = 100
Cursor = Annotated[str | None, Query(max_length=200)]
Amount = Annotated[int, Query(ge=1, le=PAGE)]
REFUSALS = {401: ErrorOut, 403: ErrorOut, 404: ErrorOut, 409: FaultsOut, 422: FaultsOut}
ADDRESS = "/rules/{scenario}/{rule}/persons"


class PersonLimitOut(Schema):
    """One person's own limit. who: masked; a home's polygon and the reason are not in the list."""

    id: int
    subject_id: int
    who: str
    parameters: dict[str, str | int | float]
    by: str
    until: str
    is_standing: bool


class OpenedOut(Schema):
    """Why it was set and why it ended, opened: the view is recorded."""

    reason: str
    end_reason: str


class PersonLimitIn(Schema):
    """parameters: those that differ; until: the last day on which it holds, YYYY-MM-DD."""

    model_config = ConfigDict(extra="forbid")

    subject_id: int = Field(ge=1, le=2**63 - 1)
    parameters: dict[str, str | int | float]
    unit: str = Field(max_length=16)
    reason: str = Field(max_length=1_000)
    until: str = Field(max_length=10)


class EndIn(Schema):
    model_config = ConfigDict(extra="forbid")

    reason: str = Field(max_length=1_000)


class IdOut(Schema):
    id: int


@router.get(ADDRESS, response={200: list[PersonLimitOut], **REFUSALS})
def list_person_limits(
    request: HttpRequest,
    response: HttpResponse,
    scenario: str,
    rule: str,
    cursor: Cursor = None,
    limit: Amount = PAGE,
) -> list[dict[str, Any]]:
    """What stands or stood for persons in reach, newest first; `Link` names the next page."""
    newest = _rule(request, scenario, rule)
    now_us = clock().now_us()
    rights = rights_of(person_of(request), now_us)
    subjects = list(subjects_within(rights, scenario, "see"))
    page = shown.RulePage(scenario, newest, subjects, keys(), now_us, most=None)
    of = f"persons of {scenario}/{rule}"
    found, onward = page_by(page.overrides(), lambda one: (-one["row"].id,), of, cursor, limit)
    link_next(request, response, onward, limit)
    return [
        {
            "id": one["row"].id,
            "subject_id": one["row"].subject_id,
            "who": one["who"],
            "parameters": parameters_of(one["row"]),
            "by": str(one["by"]),
            "until": rfc3339(one["row"].until_us),
            "is_standing": one["is_standing"],
        }
        for one in found
    ]


@router.post(ADDRESS, response={200: IdOut, **REFUSALS})
def set_person_limit(
    request: HttpRequest, scenario: str, rule: str, body: PersonLimitIn, key: Key
) -> dict[str, Any]:
    """Set one person's own limit until a day; what stood before for this person ends."""
    _rule(request, scenario, rule)

    def do() -> dict[str, Any]:
        new = NewOverride(
            scenario,
            rule,
            body.subject_id,
            body.parameters,
            body.unit,
            body.reason,
            until_us(body.until),
        )
        return {"id": _limits().override(new, By(person_of(request), "api", key))}

    return once(request, key, lambda: _found(do))


@router.get(ADDRESS + "/{limit_id}", response={200: OpenedOut, **REFUSALS})
def open_person_limit(
    request: HttpRequest, scenario: str, rule: str, limit_id: Id
) -> dict[str, Any]:
    """Why; for whoever may set such limits, and each opening is recorded."""
    _rule(request, scenario, rule)
    rights = rights_of(person_of(request), clock().now_us())
    row = SubjectOverride.objects.using(MAIN).filter(
        id=limit_id, scenario=scenario, rule=rule,
        subject_id__in=subjects_within(rights, scenario, "tune").values("id"),
    ).first()  # fmt: skip
    if row is None:
        raise Http404
    with Appender(VIEWS_LANE, clock()) as lane:
        lane.append(
            OverrideViewed(override_id=row.id, subject_id=row.subject_id, by=person_of(request))
        )
    return {
        "reason": keys().open(bytes(row.reason)) or "",
        "end_reason": keys().open(bytes(row.end_reason)) or "" if row.end_reason else "",
    }


@router.post(ADDRESS + "/{limit_id}/end", response={200: IdOut, **REFUSALS})
def end_person_limit(
    request: HttpRequest, scenario: str, rule: str, limit_id: Id, body: EndIn, key: Key
) -> dict[str, Any]:
    """End it before its time: the person is judged as others are again."""
    _rule(request, scenario, rule)

    def do() -> dict[str, Any]:
        _limits().end_override(limit_id, body.reason, By(person_of(request), "api", key))
        return {"id": limit_id}

    return once(request, key, lambda: _found(do))


def _rule(request: HttpRequest, scenario: str, rule: str) -> Any:
    """The newest version; 404 where its subjects are not the caller's to see."""
    if key_behind(request) is not None:
        raise ActForbidden
    seeing(request, scenario)
    return versions(scenario, rule)[0]


def _limits() -> Limits:
    return Limits(clock(), keys(), declared())


def _found(do: Any) -> dict[str, Any]:
    """A stranger cannot tell a person who is not theirs from one who is not there."""
    try:
        answer: dict[str, Any] = do()
    except ForbiddenError as error:
        raise Http404 from error
    return answer
