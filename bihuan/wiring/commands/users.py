"""`user` and `key`: sign-ins, administrators, posts, and keys of other systems.

Whoever works at the machine is recorded as the operator; what a page allows an administrator to
do, and no more, each page checks itself.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Annotated, Any

import typer
from axes.utils import reset as forget_attempts

from bihuan.base.errors import bad
from bihuan.base.time import SystemClock, rfc3339
from bihuan.console import accounts
from bihuan.console.access import keys as api_keys
from bihuan.console.accounts import Desk
from bihuan.console.models import Account
from bihuan.console.outside import binding
from bihuan.console.signin.models import SecondTries
from bihuan.register.accounts import offices
from bihuan.register.accounts.models import Administrator, IntegrationKey
from bihuan.register.acts import Registrar
from bihuan.register.models import Post
from bihuan.wiring.boot import open_data
from bihuan.wiring.commands.output import print_rows, say
from bihuan.wiring.processes import key_ring

JsonOption = Annotated[bool, typer.Option("--json", help="One JSON object a line.")]
UserName = Annotated[str, typer.Argument(help="The name of the sign-in.")]
user_group = typer.Typer(help="Sign-ins, administrators and posts.", no_args_is_help=True)
key_group = typer.Typer(help="Keys of other systems.", no_args_is_help=True)


def _desk() -> Desk:
    open_data()
    return Desk(SystemClock(), key_ring())


@user_group.command()
def add(
    username: UserName,
    person: Annotated[int, typer.Option(help="The id of the person in the register.")],
    password: Annotated[str | None, typer.Option(help="One that need not be changed.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Make a sign-in; its one-time password is shown once and must be changed within 72 h."""
    if password is not None:
        accounts.create(username, password, person, _desk())
        say(f"added {username}")
        return
    password = accounts.create_with_one_time_password(username, person, _desk())
    print_rows([{"username": username, "one_time_password": password}], as_json=as_json)


@user_group.command()
def first(
    username: UserName,
    name: Annotated[str, typer.Option(help="The person's name.")],
    latin: Annotated[str, typer.Option(help="The name in Latin letters.")] = "",
    office: Annotated[str, typer.Option(help="system, security or audit.")] = "system",
    as_json: JsonOption = False,
) -> None:
    """In an empty county: register an administrator, with a sign-in and an office, at once."""
    desk = _desk()
    if office not in offices.OFFICES:
        raise bad("office", office, " or ".join(offices.OFFICES))
    person = Registrar(desk.clock, key_ring()).person(name, latin or name, None)
    password = accounts.create_with_one_time_password(username, person, desk)
    offices.appoint(person, office, offices.OPERATOR, desk.clock)
    print_rows([{"username": username, "one_time_password": password}], as_json=as_json)


@user_group.command("list")
def list_users(as_json: JsonOption = False) -> None:
    """Every sign-in: whose, whether it may be used, office and posts."""
    _desk()
    print_rows(_users(), as_json=as_json)


@user_group.command()
def disable(username: UserName) -> None:
    """Nobody signs in by this name any more; its sessions end now."""
    accounts.disable(username, _desk())
    say(f"disabled {username}")


@user_group.command()
def enable(username: UserName) -> None:
    """A disabled sign-in may be used again."""
    accounts.enable(username, _desk())
    say(f"enabled {username}")


@user_group.command()
def reset(username: UserName, as_json: JsonOption = False) -> None:
    """A new one-time password; second step and passkeys are taken away, sessions end."""
    password = accounts.reset(username, _desk())
    print_rows([{"username": username, "one_time_password": password}], as_json=as_json)


@user_group.command()
def unlock(username: UserName) -> None:
    """Forget the wrong passwords and second steps of this name."""
    desk = _desk()
    account = accounts.account_of(username)
    forget_attempts(username=username)
    SecondTries.objects.filter(account=account).delete()
    accounts.secured(account, "unlocked", desk)
    say(f"unlocked {username}")


@user_group.command()
def grant(
    username: UserName,
    office: Annotated[str | None, typer.Option(help="system, security or audit.")] = None,
    role: Annotated[str | None, typer.Option(help="A role of a scenario, with --area.")] = None,
    area: Annotated[int | None, typer.Option(help="The id of the post's area.")] = None,
) -> None:
    """Give an office (三员), or a post: a role for an area."""
    desk = _desk()
    person = accounts.account_of(username).person_id
    if office is not None and role is None and area is None:
        offices.appoint(person, office, desk.by, desk.clock)
        say(f"{username} is the {office} administrator")
    elif office is None and role is not None and area is not None:
        post = offices.grant_post(person, role, area, desk.by, desk.clock)
        say(f"{username} holds the post {post}")
    else:
        raise bad("grant", "neither or both", "--office, or --role with --area")


@user_group.command()
def release(username: UserName) -> None:
    """Take an office back."""
    desk = _desk()
    offices.release(accounts.account_of(username).person_id, desk.by, desk.clock)
    say(f"{username} holds no office")


@user_group.command()
def bind(
    username: UserName,
    provider: Annotated[str, typer.Argument(help="A table of sign-in.toml.")],
    identity: Annotated[str, typer.Argument(help="The lasting id there, never a name.")],
) -> None:
    """Say that an identity at another sign-in is this person."""
    desk = _desk()
    binding.bind(accounts.account_of(username), provider, identity, desk)
    say(f"bound {provider} to {username}")


@key_group.command()
def make(  # noqa: PLR0913, PLR0917 - each option of the command is an argument
    name: Annotated[str, typer.Argument(help="Which system it is for.")],
    person: Annotated[int, typer.Option(help="The registered person as whom it acts.")],
    days: Annotated[int, typer.Option(help="How long it is good.")] = 365,
    scenario: Annotated[list[str] | None, typer.Option(help="Only these; several times.")] = None,
    verb: Annotated[list[str] | None, typer.Option(help="read, or an act; several times.")] = None,
    area: Annotated[int | None, typer.Option(help="Only this area and below.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Make a key; its text is shown this once."""
    limits = (tuple(scenario or ()), tuple(verb or ()), area)
    text = api_keys.make(api_keys.Wanted(name, person, days, *limits), _desk())
    print_rows([{"name": name, "key": text}], as_json=as_json)


@key_group.command("list")
def list_keys(as_json: JsonOption = False) -> None:
    """Every key with its scope, who made it, and until when it is good."""
    _desk()
    rows = (
        {
            "id": key.id,
            "name": key.name,
            "person": key.person_id,
            "scenarios": json.loads(key.scenarios),
            "verbs": json.loads(key.verbs),
            "area": key.area_id,
            "expires": rfc3339(key.expires_us),
            "state": "revoked" if key.is_revoked else "made",
            "by": key.by_person_id,
        }
        for key in IntegrationKey.objects.order_by("id")
    )
    print_rows(rows, as_json=as_json)


@key_group.command()
def revoke(key: Annotated[int, typer.Argument(help="The id that `key list` shows.")]) -> None:
    """End a key at once."""
    api_keys.revoke(key, _desk())
    say(f"revoked {key}")


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    app.add_typer(user_group, name="user")
    app.add_typer(key_group, name="key")


def _users() -> Iterator[dict[str, Any]]:
    offices_of = dict(Administrator.objects.values_list("id", "office"))
    posts: dict[int, list[str]] = {}
    for person, role, area in Post.objects.filter(until_us=None).values_list(
        "person_id", "role", "area_id"
    ):
        posts.setdefault(person, []).append(f"{role}:{area}")
    for account in Account.objects.select_related("user").order_by("user__username"):
        state = "must_change" if account.must_change else "active"
        yield {
            "username": account.user.username,
            "person": account.person_id,
            "state": state if account.user.is_active else "disabled",
            "office": offices_of.get(account.person_id),
            "posts": posts.get(account.person_id, []),
        }
