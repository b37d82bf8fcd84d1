"""What an edition changes against the one before it, institution by institution, with the reason."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Literal

import msgspec
from msgspec import Struct

from publisher.edition import Edition, folder_of, is_withdrawn
from publisher.listed import Listed, Placed
from scoring.canonical import canonical


class Rated(Struct, frozen=True, kw_only=True):
    """Of a rating, what a change is measured by."""

    status: str
    grade: str


class Standing(Struct, frozen=True, kw_only=True):
    """Where an institution stood in an edition."""

    institution: str
    name: str
    jurisdiction: str
    rating: Rated


class Change(Struct, frozen=True, kw_only=True):
    """One institution that is new, gone, or whose list or grade is not what it was."""

    kind: Literal["added", "removed", "changed"]
    institution: str
    name: str
    jurisdiction: str
    before: str
    after: str
    why: str


class Changes(Struct, frozen=True, kw_only=True):
    """What `changes.json` holds; `against` is the digest of the edition before."""

    edition: str
    digest: str
    against: str
    changes: tuple[Change, ...]


def standings(folder: Path) -> dict[str, Standing]:
    """Where everyone stood in an edition's folder; nobody where there is none."""
    file = folder / "entries.jsonl"
    if not file.exists():
        return {}
    decoder = msgspec.json.Decoder(Standing)
    lines = file.read_bytes().splitlines()
    found = (decoder.decode(line) for line in lines if not is_withdrawn(line))
    return {one.institution: one for one in found}


def before(edition: Edition, editions: Path) -> dict[str, Standing]:
    """Where everyone stood in the edition this one follows, found by its digest."""
    folder = folder_of(editions, edition.manifest.previous)
    return {} if folder is None else standings(folder)


def changes(old: Mapping[str, Standing], after: Iterable[Listed]) -> tuple[Change, ...]:
    """What is new, gone or not what it was, in order of institution."""
    new = {one.institution: one for one in after}
    return tuple(
        _change(old.get(id), new.get(id))
        for id in sorted(old.keys() | new.keys())
        if id not in old or id not in new or _said(old[id].rating) != _said(new[id].rating)
    )


def render_changes(edition: Edition, folder: Path) -> None:
    """Writes `changes.json`: canonical, against the edition before."""
    whole = Changes(
        edition=edition.name,
        digest=edition.digest,
        against=edition.manifest.previous,
        changes=changes(before(edition, folder.parent), edition.listed),
    )
    (folder / "changes.json").write_bytes(canonical(whole))


def _said(rating: Rated | Placed) -> str:
    return f"{rating.status} {rating.grade}"


def _change(old: Standing | None, new: Listed | None) -> Change:
    one = new or old
    if one is None:
        raise ValueError("a change has a side")
    return Change(
        kind="added" if old is None else "removed" if new is None else "changed",
        institution=one.institution,
        name=one.name,
        jurisdiction=one.jurisdiction,
        before=_said(old.rating) if old else "",
        after=_said(new.rating) if new else "",
        why=why_of(new) if new else "登记库里已没有这家机构",
    )


def why_of(one: Listed) -> str:
    """Why an institution stands where it does: the decision, else what the white list asks and it lacks."""
    if one.listing:
        return f"{one.listing.reason}（{one.listing.document_no}）"
    return one.why or "白名单条件都符合"
