"""What an edition may show no longer: a penalty whose term is over, a listing that has ended, what was repaired."""

from collections.abc import Collection, Iterator
from datetime import date, timedelta
from itertools import chain
from pathlib import Path
from typing import NamedTuple

import msgspec
from msgspec import Struct
from sqlalchemy import Engine

from publisher.edition import Manifest, is_withdrawn, printable
from registry import queries
from registry.credit_file import CreditFile
from registry.database import reading
from registry.errors import read_form
from registry.forms import WithdrawalForm
from scoring import load_policy
from scoring.facts import Facts
from scoring.terms import cases_of, ended_cases, ended_on, last_shown_day

REASONS = {
    "expired": "公示期满",
    "lifted": "已提前移出名单，停止公示",
    "repaired": "已完成信用修复，停止公示",
}
_BY = {"lift": "lifted", "repair": "repaired"}


class Placed(Struct, frozen=True):
    """Of a rating, the list."""

    status: str


class Printed(Struct, frozen=True):
    """Of a line, the facts and the list."""

    institution: str
    facts: Facts
    rating: Placed

    def listed(self, over: Collection[str]) -> str:
        """From which list it goes for what is over or undone; of a list that still keeps it only a record goes.

        Where nothing is named it is the whole entry, and goes from where it stands.
        """
        status = self.rating.status
        left = {one.list for one in self.facts.listings if one.id in over} if over else {status}
        if over:
            left -= {one.list for one in self.facts.listings if one.id not in over}
        return next((one for one in ("black", "watch") if one in left), "record")

    @property
    def records(self) -> set[str]:
        """The numbers of the records and listings it prints."""
        return {one.id for one in self.facts.records} | {one.id for one in self.facts.listings}


def read_line(line: bytes) -> Printed:
    """What is looked at of a line of `entries.jsonl`."""
    return msgspec.json.decode(line, type=Printed)


def folders(editions: Path) -> list[Path]:
    """The editions that lie in a folder, the oldest first."""
    found = {}
    for file in editions.glob("2[0-9][0-9][0-9]-*/edition.json"):
        manifest = msgspec.json.decode(file.read_bytes(), type=Manifest)
        if manifest.name == file.parent.name:
            found[manifest.order] = file.parent
    return [found[order] for order in sorted(found)]


def sheet(
    edition: str, line: Printed, today: date, over: Collection[str], **said: str
) -> WithdrawalForm:
    """The withdrawal of a line from an edition, for what of it is over or undone."""
    period, _, number = edition.partition(".")
    values = {
        "period": period,
        "number": int(number or 0),
        "institution": line.institution,
        "on": today,
        "listed": line.listed(over),
        **said,
    }
    return read_form(WithdrawalForm, values)


def over(engine: Engine, editions: Path, today: date) -> Iterator[WithdrawalForm]:
    """One sheet for every entry that an edition shows and may show no longer."""
    return (form for form, _ in ended(engine, editions, today))


def ended(
    engine: Engine, editions: Path, today: date
) -> Iterator[tuple[WithdrawalForm, date | None]]:
    """The same, each with the first day on which it was to be shown no longer, where that is a day of its own."""
    # A line that is carried on from edition to edition is read once, and once it is asked how it has ended.
    shown = {folder: list(_dated(folder)) for folder in folders(editions)}
    decoder = msgspec.json.Decoder(Printed)
    read = {line: decoder.decode(line) for line in {*chain.from_iterable(shown.values())}}
    printed = {one.institution for one in read.values()}
    with reading(engine) as session:
        # What was printed of a second registration is held by the one that is kept.
        kept = queries.kept_of(session, today)
        ids = sorted(printed | {kept[one] for one in printed if one in kept})
        leavers = queries.leavers(session, today)
        released = {one.name for one in queries.editions(session) if one.state == "released"}
        files = {
            one.institution: one for one in queries.credit_files(session, today, institutions=ids)
        }
    by_policy: dict[str, dict[bytes, _End | None]] = {}
    for folder, lines in shown.items():
        if folder.name not in released:
            continue
        ends = _Ends(folder, leavers, today)
        known = by_policy.setdefault(ends.policy.digest, {})
        for line in lines:
            one = read[line]
            if line not in known:
                file = files.get(kept.get(one.institution, one.institution))
                known[line] = ends.of(one, file) if file else None
            end = known[line]
            if end is not None:
                said = {"how": end.how, "reason": REASONS[end.how]}
                yield sheet(folder.name, one, today, end.over, **said), end.since


class _End(NamedTuple):
    """How something that is printed has ended, what it is, and the first day without it if that is a day of its own."""

    how: str
    over: Collection[str]
    since: date | None = None


class _Ends:
    """Why an edition may no longer show an entry on a day."""

    def __init__(self, folder: Path, leavers: queries.Leavers, today: date) -> None:
        self.policy = load_policy((folder / "policy.toml").read_bytes())
        self.leavers, self.today = leavers, today

    def of(self, line: Printed, file: CreditFile) -> _End | None:
        """How what the line prints has ended; None while all of it may be shown.

        What was annulled is withdrawn by a person, with its paper.
        """
        printed = {one.id for one in line.facts.listings}
        over = [
            one
            for one in file.facts.listings
            if one.id in printed and not one.annulled and ended_on(one) <= self.today
        ]
        if over:
            first = min(over, key=ended_on)
            how = _BY.get(self.leavers.ended_by.get(first.id, ""), "expired")
            return _End(how, {one.id for one in over}, ended_on(first))
        decisions = {one.id for one in line.facts.records if one.kind == "decision"}
        # Only what the edition prints: its policy may not know the codes of what came later.
        facts = printable(file.facts)
        records = tuple(one for one in facts.records if one.id in line.records)
        facts = msgspec.structs.replace(facts, records=records)
        cases = ended_cases(facts, self.policy, self.today)
        if past := decisions & {one.id for case in cases for one in case}:
            return _End("expired", past, self._since(facts, decisions))
        repaired = decisions & self.leavers.repaired_matters
        return _End("repaired", repaired) if repaired else None

    def _since(self, facts: Facts, decisions: set[str]) -> date | None:
        """The day after the last one on which a case that is over could be shown."""
        lasts = (
            last_shown_day(case, facts, self.policy)
            for case in cases_of(facts)
            if decisions & {one.id for one in case}
        )
        over = [one for one in lasts if one is not None and one < self.today]
        return min(over) + timedelta(days=1) if over else None


def _dated(folder: Path) -> Iterator[bytes]:
    """The lines of an edition with anything that has a term."""
    with (folder / "entries.jsonl").open("rb") as lines:
        for line in lines:
            if is_withdrawn(line):
                continue
            if b'"kind":"decision"' in line or b'"listings":[]' not in line:
                yield line
