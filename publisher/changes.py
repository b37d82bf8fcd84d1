"""What an edition changes against the one before it, institution by institution, with the reason."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Literal

import msgspec
from msgspec import Struct

from publisher.edition import Edition, folder_of, is_withdrawn
from publisher.listed import Listed
from publisher.removals import Removal, read_removals
from publisher.shown import Licensed, nothing_against, shown_grade
from scoring.canonical import canonical

NAME = "changes.json"
GONE = "gone"
HOW = {
    "withdrawn": "撤回",
    "expired": "期满撤下",
    "lifted": "提前移出名单后撤下",
    "repaired": "信用修复后撤下",
}


class Rated(Struct, frozen=True, kw_only=True):
    """Of a rating, what a change is measured by."""

    status: str
    grade: str


class Held(Struct, frozen=True, kw_only=True):
    """Of the facts, whether there is or was a licence."""

    licences: tuple[Licensed, ...] = ()


class Standing(Struct, frozen=True, kw_only=True):
    """Where an institution stood in an edition."""

    institution: str
    name: str
    jurisdiction: str
    rating: Rated
    facts: Held = Held()
    merged: bool = False

    @property
    def grade(self) -> str:
        """The grade as it is shown."""
        licensed, merged = bool(self.facts.licences), self.merged
        return shown_grade(self.rating.status, self.rating.grade, licensed=licensed, merged=merged)


class Change(Struct, frozen=True, kw_only=True):
    """One institution that is new, gone, withdrawn, or whose list or grade is not what it was.

    A side is `gone` where its entry was lawfully withdrawn; `corrects` are the earlier editions that were
    wrong about it and that this one puts right.
    """

    kind: Literal["added", "removed", "changed", "withdrawn"]
    institution: str
    name: str
    jurisdiction: str
    before: str
    after: str
    why: str
    corrects: tuple[str, ...] = ()


class Standings(dict[str, "Standing | Listed"]):
    """Where everyone stood; whoever was withdrawn stands as `gone` while it is still told whose entry it was.

    `unnamed` of the withdrawn are no longer named: of somebody who stands on one side only nobody can
    then tell whether they came, went or were withdrawn.
    """

    unnamed: int = 0


class Changes(Struct, frozen=True, kw_only=True):
    """What `changes.json` holds; `against` is the digest of the edition before."""

    edition: str
    digest: str
    against: str
    changes: tuple[Change, ...]


def standings(folder: Path) -> Standings:
    """Where everyone stood in an edition's folder; nobody where there is none."""
    return stood_in(folder, lines_of(folder), {})


def lines_of(folder: Path) -> list[bytes]:
    """The lines of an edition's folder as they lie there; none where there is none."""
    file = folder / "entries.jsonl"
    return file.read_bytes().splitlines() if file.exists() else []


def stood_in(folder: Path, lines: Iterable[bytes], known: Mapping[bytes, Listed]) -> Standings:
    """Where everyone stood by the folder's lines, of which some are known from another edition."""
    found, decoder = Standings(), msgspec.json.Decoder(Standing)
    for line in lines:
        if is_withdrawn(line):
            found.unnamed += 1
        else:
            one = known.get(line) or decoder.decode(line)
            found[one.institution] = one
    if not found.unnamed:
        return found
    gone = {one.institution: one for one in read_removals(folder) if one.institution not in found}
    found.unnamed -= len(gone)
    for id, removal in gone.items():
        found[id] = Standing(
            institution=id,
            name=removal.name,
            jurisdiction=removal.jurisdiction,
            rating=Rated(status=GONE, grade=""),
        )
    return found


def before(edition: Edition, editions: Path) -> Standings:
    """Where everyone stood in the edition this one follows, found by its digest."""
    folder = folder_of(editions, edition.manifest.previous)
    if folder is None:
        return Standings()
    return stood_in(folder, lines_of(folder), edition.by_line)


def changes(old: Mapping[str, Standing | Listed], after: Iterable[Listed]) -> tuple[Change, ...]:
    """What is new, gone or not what it was, in order of institution."""
    new = {one.institution: one for one in after}
    unnamed = old.unnamed if isinstance(old, Standings) else 0
    return tuple(
        _change(old.get(id), new.get(id))
        for id in sorted(old.keys() | new.keys())
        if _moves(old.get(id), new.get(id), unnamed)
    )


def changes_of(edition: Edition, editions: Path) -> tuple[Change, ...]:
    """What an edition changes against the one before it, with what was withdrawn and what it corrects."""
    old, gone = before(edition, editions), edition.withdrawn
    unnamed = edition.tombstones > len(gone)
    corrects = {
        one.institution: tuple(said.edition for said in one.editions) for one in edition.corrections
    }
    found = [
        one
        for one in changes(old, edition.listed)
        if one.kind != "removed" or (one.institution not in gone and not unnamed)
    ]
    stood = {id: old.get(id) for id in gone if _stood(old.get(id))}
    found += [withdrawal(gone[id], _said(one) if one else "") for id, one in stood.items()]
    return tuple(
        msgspec.structs.replace(one, corrects=corrects.get(one.institution, ()))
        for one in sorted(found, key=lambda one: one.institution)
    )


def render_changes(edition: Edition, folder: Path) -> None:
    """Writes `changes.json`: canonical, against the edition before."""
    whole = Changes(
        edition=edition.name,
        digest=edition.digest,
        against=edition.manifest.previous,
        changes=changes_of(edition, folder.parent),
    )
    (folder / NAME).write_bytes(canonical(whole))


def told_changes(folder: Path) -> tuple[Change, ...]:
    """What `changes.json` says that lies there already, for whoever tells the same in another form."""
    return msgspec.json.decode((folder / NAME).read_bytes(), type=Changes).changes


def read_changes(folder: Path) -> tuple[Change, ...] | None:
    """What an edition's `changes.json` says; None where it has none."""
    return told_changes(folder) if (folder / NAME).exists() else None


def _moves(old: Standing | Listed | None, new: Listed | None, unnamed: int) -> bool:
    if old is None:
        return not unnamed
    if new is None:
        return old.rating.status != GONE
    return _said(old) != _said(new)


def _stood(old: Standing | Listed | None) -> bool:
    """Whether there is something to say of a withdrawal: of what both editions withdrew there is not."""
    return old is None or old.rating.status != GONE


def withdrawal(gone: Removal, before: str) -> Change:
    """That an entry was withdrawn, of somebody who stood somewhere before."""
    return Change(
        kind="withdrawn",
        institution=gone.institution,
        name=gone.name,
        jurisdiction=gone.jurisdiction,
        before=before,
        after=GONE,
        why=f"本版的条目已于 {gone.on} {HOW[gone.how]}{f'：{gone.reason}' if gone.reason else ''}",
    )


def _said(one: Standing | Listed) -> str:
    return f"{one.rating.status} {one.grade}".strip()


def _change(old: Standing | Listed | None, new: Listed | None) -> Change:
    one = new or old
    if one is None:
        raise ValueError("a change has a side")
    return Change(
        kind="added" if old is None else "removed" if new is None else "changed",
        institution=one.institution,
        name=one.name,
        jurisdiction=one.jurisdiction,
        before=_said(old) if old else "",
        after=_said(new) if new else "",
        why=why_of(new) if new else "登记库里已没有这家机构",
    )


def why_of(one: Listed) -> str:
    """Why an institution stands where it does: the decision, else what the white list asks and it lacks."""
    if one.listing:
        return f"{one.listing.reason}（{one.listing.document_no}）"
    return one.why or nothing_against(one.rating.conditions)
