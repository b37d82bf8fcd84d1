"""Prepared by one, signed by another, released as signed: the way of an edition to the public."""

from collections.abc import Iterable
from datetime import date, datetime
from hashlib import sha256
from pathlib import Path

from sqlalchemy import Engine

from publisher.changes import Change
from publisher.edition import Edition
from publisher.gate.bounds import Bounds
from publisher.gate.draft import draft_of
from publisher.release import ReleaseRefused, Renderer, release
from registry import acts, queries
from registry.database import reading, writing
from registry.drafts import Draft, Violation, signed_content
from registry.forms import EditionForm
from registry.queries import EditionLine


class GateRefused(Exception):
    """An edition does not pass the gate; every reason is named, with its remedy."""

    def __init__(self, violations: Iterable[Violation]) -> None:
        self.violations = tuple(violations)
        self.problems = [one.sentence for one in self.violations]
        super().__init__("没有放行：\n" + "\n".join(self.problems))


class SignatureLapsed(ReleaseRefused):
    """What was signed is no longer what would be released."""

    def __init__(self, name: str, why: str) -> None:
        self.name, self.why = name, why
        super().__init__(f"{name} {why}，签字已失效。请重新拟制，由另一人再签发。")


def prepare(  # noqa: PLR0913 what, against what, within which bounds, by whom
    engine: Engine,
    edition: Edition,
    editions: Path,
    bounds: Bounds,
    *,
    by: acts.Actor,
    now: datetime,
    due_on: date | None = None,
    cause: str = "",
) -> tuple[Change, ...]:
    """Puts an edition before the second person, with what it changes and what a machine doubts.

    Raises GateRefused where something is wrong that nobody can let pass; nothing is kept then.
    """
    draft, changed = drafted(engine, edition, editions, bounds)
    if hopeless := [one for one in draft.violations if not one.acceptable]:
        raise GateRefused([*hopeless, *(one for one in draft.violations if one.acceptable)])
    form = EditionForm(
        period=edition.manifest.period,
        number=edition.manifest.number,
        cut_off=edition.manifest.cut_off,
        digest=edition.digest,
        policy=edition.manifest.policy,
        summary=f"{len(edition.lines)} 家，{len(changed)} 家有变化",
        difference=draft.difference,
        released_on=edition.manifest.released_on,
        due_on=due_on,
        cause=cause,
    )
    with writing(engine) as session:
        acts.prepare_edition(session, form, by=by, now=now, draft=draft)
    return changed


def drafted(
    engine: Engine, edition: Edition, editions: Path, bounds: Bounds
) -> tuple[Draft, tuple[Change, ...]]:
    """What an edition changes and what is doubted of it, going on from what was signed of the one before."""
    return draft_of(edition, editions, bounds, _signed_before(engine, edition))


def _signed_before(engine: Engine, edition: Edition) -> Draft | None:
    """The draft by which the edition before was released, if its doubts are those that were signed."""
    with reading(engine) as session:
        rows = queries.editions(session)
        row = next((one for one in rows if one.digest == edition.manifest.previous), None)
        draft = queries.edition_draft(session, row.period, row.number) if row else None
    if row is None or draft is None or row.state != "released":
        return None
    accepted = tuple({one.digest for one in draft.violations})
    return draft if row.signed == signed_content(row.digest, row.difference, accepted) else None


def changed_since(row: EditionLine, edition: Edition, draft: Draft) -> str:
    """Why an edition is no longer what was prepared and signed; empty while it is."""
    if row.digest != edition.digest:
        return "拟制以后登记、评分办法或者程序有变动"
    if not row.difference:
        return ""
    if row.difference != draft.difference:
        return "拟制以后上一版有条目撤回，列入和移出与签的不同"
    if row.state != "approved":
        return ""
    accepted = tuple(sorted({one.digest for one in draft.violations}))
    if row.signed and row.signed != signed_content(row.digest, row.difference, accepted):
        return "核对结果与签字时放行的不同"
    return ""


def publish(  # noqa: PLR0913 what, where, how, within which bounds, by whom
    engine: Engine,
    edition: Edition,
    data: Path,
    renderers: Iterable[Renderer],
    *,
    by: acts.Actor,
    now: datetime,
    bounds: Bounds | None = None,
) -> Path:
    """Releases an edition exactly as it was signed; what changed since lapses the signature.

    `data` holds the folders `editions` and `keys`. Repeating it after a crash finishes what was begun.
    Raises ReleaseRefused, and SignatureLapsed where what was signed is no longer the same.
    """
    manifest = edition.manifest
    row = row_of(engine, manifest.period, manifest.number)
    if row is None or row.state not in ("approved", "released"):
        raise ReleaseRefused(f"{edition.name} 还没有第二人签发，不能发布。请先由另一人签发。")
    if row.state == "approved":
        draft, _ = drafted(engine, edition, data / "editions", bounds or Bounds())
        if why := changed_since(row, edition, draft):
            raise SignatureLapsed(edition.name, why)
    elif row.digest != edition.digest:
        raise ReleaseRefused(f"{edition.name} 已经发布，内容不同。更正请另发一版，不能覆盖。")
    folder = release(edition, data / "editions", data / "keys", renderers)
    if row.state == "approved":
        with writing(engine) as session:
            acts.release_edition(session, manifest.period, manifest.number, by=by, now=now)
    return folder


def row_of(engine: Engine, period: str, number: int) -> EditionLine | None:
    """Where an edition stands in the register."""
    with reading(engine) as session:
        rows = queries.editions(session)
    return next((one for one in rows if (one.period, one.number) == (period, number)), None)


def lies_there(folder: Path, digest: str) -> bool:
    """Whether exactly the edition of a digest lies in a folder."""
    file = folder / "edition.json"
    return file.is_file() and sha256(file.read_bytes()).hexdigest() == digest
