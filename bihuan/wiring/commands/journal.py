"""`journal verify`, `journal tail`, `rebuild`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from bihuan.base.time import rfc3339
from bihuan.journal import rebuild as rebuilding
from bihuan.journal.heads import marks, read_heads
from bihuan.journal.models import FACTS_LANE, Entry
from bihuan.journal.storage import alias_of
from bihuan.journal.verify import verify as walk
from bihuan.loop.recompute import recompute
from bihuan.wiring.boot import open_data
from bihuan.wiring.commands.output import print_rows, say

JsonOption = Annotated[bool, typer.Option("--json", help="One JSON object a line.")]
group = typer.Typer(help="The append-only log.", no_args_is_help=True)


@group.command()
def verify(
    against: Annotated[
        Path | None, typer.Option(help="Signed heads kept elsewhere (heads.jsonl).")
    ] = None,
    again: Annotated[
        bool, typer.Option("--recompute", help="Also decide again and compare; changes nothing.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Walk the chain; the first broken entry of each lane by lane and position."""
    open_data()
    kept = marks(read_heads(against)) if against is not None else None
    results = list(walk(kept))
    print_rows((result.as_dict() for result in results), as_json=as_json)
    broken = [result.broken for result in results if result.broken is not None]
    for one in broken:
        say(f"lane {one.lane}, position {one.position}: {one.what}")
    others = list(recompute()) if again else []
    for other in others:
        say(f"lane 0, position {other.position}: stands {other.stands}, now {other.now}")
    sys.exit(1 if broken or others else 0)


@group.command()
def tail(
    count: Annotated[int, typer.Option("-n", help="How many entries.")] = 20,
    lane: Annotated[int, typer.Option(help="Of which lane.")] = FACTS_LANE,
    as_json: JsonOption = False,
) -> None:
    """The newest entries of a lane, oldest first. Sealed texts stay sealed."""
    open_data()
    newest = Entry.objects.using(alias_of(lane)).filter(lane=lane).order_by("-position")[:count]
    print_rows((_row(entry) for entry in reversed(newest)), as_json=as_json)


def _row(entry: Entry) -> dict[str, Any]:
    said: Any = None
    if entry.body is not None and bytes(entry.body[:1]) == b"{":
        said = msgspec.json.decode(bytes(entry.body))
    return {
        "lane": entry.lane,
        "position": entry.position,
        "recorded": rfc3339(entry.recorded_us),
        "type": entry.type,
        "body": said,
    }


def rebuild(
    check: Annotated[bool, typer.Option("--check", help="Compare only.")] = False,
    swap: Annotated[bool, typer.Option("--swap", help="Put the result in place.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Project the journal into a shadow database and compare it with the live tables."""
    if check == swap:
        raise typer.BadParameter("got neither or both, want --check or --swap")
    open_data()
    result = rebuilding.check() if check else rebuilding.swap()
    rows = ({"table": t.table, "equal": t.equal, "different": t.different} for t in result.tables)
    print_rows(rows, as_json=as_json)
    for table in result.tables:
        if table.first is not None:
            say(f"{table.table}: first difference {table.first}")
    different = sum(table.different for table in result.tables)
    sys.stdout.write("equal\n" if not different else f"different: {different}\n")
    sys.exit(1 if different and check else 0)


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    app.add_typer(group, name="journal")
    app.command()(rebuild)
