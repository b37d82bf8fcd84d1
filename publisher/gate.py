"""Prepared by one, signed by another, released as signed: the way of an edition to the public."""

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from msgspec import Struct
from sqlalchemy import Engine

from publisher.changes import Change, changes, standings
from publisher.edition import Edition
from publisher.release import ReleaseRefused, Renderer, release
from registry import acts, queries
from registry.database import reading, writing
from registry.forms import EditionForm


class Bounds(Struct, frozen=True, kw_only=True):
    """What a machine lets pass; beyond it an edition is refused."""

    min_institutions: int = 1
    max_change_percent: int = 100
    max_new_black: int = 1_000_000


class GateRefused(Exception):
    """An edition does not pass the gate; every reason is named."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        super().__init__("没有放行：" + "；".join(problems))


def problems(edition: Edition, changed: tuple[Change, ...], bounds: Bounds, last: int) -> list[str]:
    """Every reason why a person must look before this edition may be released."""
    found = []
    if len(edition.lines) < bounds.min_institutions:
        found.append(f"只有 {len(edition.lines)} 家机构，少于下限 {bounds.min_institutions} 家")
    if last and len(changed) * 100 > bounds.max_change_percent * last:
        found.append(
            f"有 {len(changed)} 家变化，超过上一版 {last} 家的 {bounds.max_change_percent}%"
        )
    black = [one for one in changed if one.after.startswith("black") and one.before[:5] != "black"]
    if last and len(black) > bounds.max_new_black:
        found.append(f"新列入黑名单 {len(black)} 家，超过上限 {bounds.max_new_black} 家")
    for entry in edition.listed:
        listing = entry.listing
        if entry.rating.status in ("black", "watch") and not (listing and listing.document_no):
            found.append(f"{entry.institution} {entry.name} 在名单内，却没有决定文号")
        if any(not one.reference.article for one in entry.rating.reasons):
            found.append(f"{entry.institution} {entry.name} 有扣分没有依据条文")
    return found


def prepare(
    engine: Engine,
    edition: Edition,
    editions: Path,
    bounds: Bounds,
    *,
    by: acts.Actor,
    now: datetime,
) -> tuple[Change, ...]:
    """Puts an edition before the second person, with what it changes; raises GateRefused."""
    before = standings(editions / "current")
    changed = changes(before, edition.listed)
    if found := problems(edition, changed, bounds, len(before)):
        raise GateRefused(found)
    form = EditionForm(
        period=edition.manifest.period,
        number=edition.manifest.number,
        cut_off=edition.manifest.cut_off,
        digest=edition.digest,
        policy=edition.manifest.policy,
        summary=f"{len(edition.lines)} 家，{len(changed)} 家有变化",
    )
    with writing(engine) as session:
        acts.prepare_edition(session, form, by=by, now=now)
    return changed


def publish(
    engine: Engine,
    edition: Edition,
    data: Path,
    renderers: Iterable[Renderer],
    *,
    by: acts.Actor,
    now: datetime,
) -> Path:
    """Releases an edition exactly as it was signed; what changed since lapses the signature.

    `data` holds the folders `editions` and `keys`. Repeating it after a crash finishes what was begun. Raises ReleaseRefused.
    """
    manifest = edition.manifest
    with reading(engine) as session:
        rows = {(one.period, one.number): one for one in queries.editions(session)}
    row = rows.get((manifest.period, manifest.number))
    if row is None or row.state not in ("approved", "released"):
        raise ReleaseRefused(f"{edition.name} 还没有第二人签发，不能发布。请先由另一人签发。")
    if row.digest != edition.digest:
        raise ReleaseRefused(
            f"{edition.name} 签发以后登记或者程序有变动，签字已失效。请重新拟制，由另一人再签发。"
        )
    folder = release(edition, data / "editions", data / "keys", renderers)
    if row.state == "approved":
        with writing(engine) as session:
            acts.release_edition(session, manifest.period, manifest.number, by=by, now=now)
    return folder
