"""What an edition changes, list by list and line by line, with why and which remedies are open."""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from pathlib import Path

import msgspec
from msgspec import Struct

from publisher.changes import GONE, Change, Standing, Standings, changes, lines_of, stood_in
from publisher.edition import Edition, Entry, Manifest, folder_of, is_withdrawn, leaf, root
from publisher.gate.assertions import Looked, doubts, enters, leaves
from publisher.gate.bounds import Bounds
from publisher.listed import Listed
from registry.drafts import LISTS, Draft, DraftLine, LineKind
from scoring.facts import Listing, State

REVIEW_DAYS = 60  # 行政复议法 第二十条
OVER = {State.DISPUTE_ENDED, State.ANNULLED, State.DISMISSED}


def draft_of(
    edition: Edition, editions: Path, bounds: Bounds, last: Draft | None = None
) -> tuple[Draft, tuple[Change, ...]]:
    """The edition against the one it follows: every change, every violation of the gate, what holds.

    With the draft by which that one was released, lines in which nothing was doubted are not read again.
    """
    previous = edition.manifest.previous
    folder = folder_of(editions, previous) if previous else None
    lines = lines_of(folder) if folder else []
    was = stood_in(folder, lines, edition.by_line) if folder else Standings()
    changed = changes(was, edition.listed)
    looked = Looked(
        edition=edition,
        was=was,
        changes=changed,
        bounds=bounds,
        follows=folder is not None or not previous,
        held=_held(edition, folder, lines, bounds, last) if folder and last else frozenset(),
    )
    violations, passed = doubts(looked)
    draft = Draft(
        edition=edition.name,
        digest=edition.digest,
        against=previous,
        counts=dict(edition.manifest.counts),
        was=_counts(was),
        lines=tuple(_lines(edition, changed)),
        violations=violations,
        passed=passed,
        public_numbers=bounds.public_numbers,
    )
    return draft, changed


class _Whose(Struct, frozen=True):
    """Of a line, whose it is; a tombstone does not say."""

    institution: str = ""


def _held(
    edition: Edition, folder: Path, lines: list[bytes], bounds: Bounds, last: Draft
) -> frozenset[bytes]:
    """The lines of the edition before in which this gate found nothing when it let that edition pass.

    They have the root that edition is known by. Nothing but the line itself, the program and the numbers of
    offices has a part in what is found in it; what was let pass there for a reason is asked again.
    """
    before = msgspec.json.decode((folder / "edition.json").read_bytes(), type=Manifest)
    of = (last.digest, last.public_numbers, before.program)
    if of != (edition.manifest.previous, bounds.public_numbers, edition.manifest.program):
        return frozenset()
    if root([leaf(line) for line in lines]).hex() != before.root:
        return frozenset()
    doubted = {one.about for one in last.violations}
    whose = msgspec.json.Decoder(_Whose)
    return frozenset(
        one for one in lines if not doubted or whose.decode(one).institution not in doubted
    )


def _counts(was: Mapping[str, Standing | Listed]) -> dict[str, int]:
    return dict(sorted(Counter(one.rating.status for one in was.values()).items()))


def _lines(edition: Edition, changed: tuple[Change, ...]) -> Iterator[DraftLine]:
    """Lines in order of list, then additions, removals and changes, then institution."""
    wanted = {one.institution for one in changed}
    entries = _entries(edition, wanted)
    on = edition.manifest.cut_off
    for key in LISTS:
        moved: list[tuple[LineKind, Change]] = [
            ("added", one) for one in changed if _comes(key, one)
        ]
        moved += [("removed", one) for one in changed if _goes(key, one)]
        moved += [("changed", one) for one in changed if _stays(key, one)]
        for kind, one in moved:
            entry = entries.get(one.institution)
            yield DraftLine(
                kind=kind,
                list=key,
                institution=one.institution,
                name=one.name,
                jurisdiction=one.jurisdiction,
                before=one.before,
                after=one.after,
                why=_why(key, kind, one, entry, on),
                appeal=_appeal(key, kind, entry, on) if entry else "",
            )


def _comes(key: str, change: Change) -> bool:
    """Off every list is where whoever leaves one ends, which is told where they leave; told here is the new.

    And whoever comes back of whom the edition before says nothing, for their entry was withdrawn from it.
    """
    fresh = change.kind == "added" or change.before == GONE
    return enters(key, change) and (key != "none" or fresh)


def _goes(key: str, change: Change) -> bool:
    return leaves(key, change) and (key != "none" or change.kind == "removed")


def _stays(key: str, change: Change) -> bool:
    """Whether a change moves an institution on a list without moving it off."""
    before, after = (one.split(" ")[0] for one in (change.before, change.after))
    words = ("none", "new") if key == "none" else (key,)
    return before in words and after in words


def _entries(edition: Edition, wanted: set[str]) -> dict[str, Entry]:
    standing = (line for line in edition.lines if not is_withdrawn(line))
    decoder = msgspec.json.Decoder(Entry)
    return {
        listed.institution: decoder.decode(line)
        for listed, line in zip(edition.listed, standing, strict=True)
        if listed.institution in wanted
    }


def _why(key: str, kind: str, change: Change, entry: Entry | None, on: date) -> str:
    """Why an institution leaves a list by decision is told by that decision, not by where it is now."""
    if kind == "changed":
        before, after = (one.split(" ")[-1] for one in (change.before, change.after))
        return f"等级原 {before}，现 {after}。{change.why}" if before != after else change.why
    if kind == "added" and not change.before and key == "none":
        return f"新登记。{change.why}"
    if kind != "removed" or entry is None or key not in ("black", "watch"):
        return change.why
    past = [one for one in entry.facts.listings if one.list == key]
    if not past:
        return f"列入决定不再有效。{change.why}"
    last = past[-1]
    if last.ended_on is not None:
        return f"{last.ended_on} 移出。{last.ended_because or '列入期满'}（{last.document_no}）"
    if last.until < on:
        return f"列入至 {last.until}，期满移出（{last.document_no}）"
    return change.why


def _appeal(key: str, kind: str, entry: Entry, on: date) -> str:
    """Whether what is printed is disputed, or may still be."""
    listing = _listing(entry)
    disputed = [one.id for one in entry.facts.records if _is_disputed(one.events)]
    if listing is not None and listing.disputed:
        disputed.append(listing.id)
    if disputed:
        return f"异议中，正在复核：{'、'.join(disputed)}"
    if kind == "added" and listing is not None and listing.list == key:
        until = listing.effective_on + timedelta(days=REVIEW_DAYS)
        return f"复议期至 {until}，未申请" if on <= until else "复议期已过，未申请"
    return "无"


def _listing(entry: Entry) -> Listing | None:
    return next((one for one in entry.facts.listings if one.id == entry.rating.listing), None)


def _is_disputed(events: tuple[object, ...]) -> bool:
    states = [getattr(one, "state", "") for one in events]
    last = next((one for one in reversed(states) if one in OVER or one == State.DISPUTED), "")
    return last == State.DISPUTED
