"""Every released edition against what is known today: which are wrong, by what, and until when to mend them."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time
from functools import cached_property
from pathlib import Path

import msgspec
from msgspec import Struct
from sqlmodel import Session

from config.mending import Mended, Mends
from config.progress import Report
from config.ratings import end_of
from config.settings import Settings
from publisher.corrections import NAME, read_corrections
from publisher.edition import Manifest, is_withdrawn, printable, tombstones_in
from publisher.entry_lines import lines_of
from registry import queries
from registry.calendar import load_calendar
from registry.errors import NotFound
from scoring import Facts, load_policy
from scoring.assess import settled
from scoring.decoding import decode_words
from scoring.hindsight import Cause, Wrong, compare, is_as_printed, struck, undone, with_hindsight
from scoring.rating import Lasting
from scoring.terms import shown

# 行政处罚法 第四十八条: within three days, which are working days by 第八十五条.
MENDED_WITHIN = 3
AT_ONCE = 500
PROFILE = (
    "kind",
    "subject",
    "mode",
    "stage",
    "legal_form",
    "status",
    "charges_in_advance",
    "on_platform",
)
UNDOING = ("annul", "dismiss", "drop")


class EditionUnreadable(Exception):
    """An edition's file does not have the form this version reads."""

    def __init__(self, file: Path, wrong: Exception) -> None:
        super().__init__(
            f"{file} 读不出来（{decode_words(wrong)}）。请用 xinyong verify 核对这个版次。"
        )


class Printed(Struct, frozen=True, kw_only=True):
    """Of a line of `entries.jsonl`, what is compared; a withdrawn one has neither facts nor rating."""

    institution: str = ""
    name: str = ""
    jurisdiction: str = ""
    facts: Facts | None = None
    rating: Lasting | None = None


class Told(Struct, frozen=True, kw_only=True):
    """A cause with its rule's title, the day it came to be known, and the last day to mend its mistake."""

    cause: Cause
    title: str
    known_on: date
    due_on: date


class Mistake(Struct, frozen=True, kw_only=True):
    """One institution that an edition has wrong; `due_on` is the first of its days to mend it."""

    name: str
    jurisdiction: str
    district: str
    wrong: Wrong
    told: tuple[Told, ...]
    due_on: date
    mended: Mended | None = None


class Checked(Struct, frozen=True, kw_only=True):
    """One edition: its mistakes, who is no longer known, and how many were registered only afterwards.

    `withdrawn` are the withdrawals of which no mistake is left to be seen.
    """

    edition: str
    cut_off: date
    institutions: int
    mistakes: tuple[Mistake, ...]
    missing: tuple[str, ...]
    withdrawn: tuple[Mended, ...]
    registered_later: int

    @property
    def is_right(self) -> bool:
        """Whether the edition stands, or all that was wrong is mended."""
        return not self.missing and all(one.mended for one in self.mistakes)


class Recheck(Struct, frozen=True, kw_only=True):
    """All editions, the oldest first; `unreleased` were not out yet on the day of what is known."""

    knowing: date
    editions: tuple[Checked, ...]
    unreleased: tuple[str, ...]

    @property
    def is_right(self) -> bool:
        """Whether every edition stands."""
        return all(one.is_right for one in self.editions)


class _Reading:
    """An edition being read in order of institution, beside the register."""

    def __init__(self, folder: Path, manifest: Manifest, wanted: Sequence[str] | None) -> None:
        self.folder, self.manifest = folder, manifest
        self.policy = load_policy((folder / "policy.toml").read_bytes())
        self.wanted = wanted
        self.lines = self._entries(wanted)
        self.head = next(self.lines, None)
        self.institutions = 0
        self.absent: set[str] = set()
        self.registered_later = 0
        self.missing: list[Printed] = []
        self.doubtful: list[tuple[Printed, tuple[Cause, ...]]] = []
        self.found: list[tuple[Printed, Wrong]] = []

    def entry_of(self, institution: str) -> Printed | None:
        """The printed entry of an institution; whoever stands before it is not in the register."""
        self.pass_by(institution)
        if self.head is None or self.head.institution != institution:
            return None
        found = self.head
        self._next()
        return found

    def puts_right(self, institution: str, edition: str) -> bool:
        """Whether this edition tells an earlier one's mistake about an institution; once all are settled.

        It does by an entry that is right, or by its notice of correction, which stands when the entry is withdrawn.
        """
        if institution in self._wrong:
            return False
        return institution not in self.absent or (institution, edition) in self._noticed

    @cached_property
    def _noticed(self) -> set[tuple[str, str]]:
        try:
            notices = read_corrections(self.folder)
        except msgspec.DecodeError as wrong:
            raise EditionUnreadable(self.folder / NAME, wrong) from None
        return {(one.institution, was.edition) for one in notices for was in one.editions}

    @cached_property
    def _wrong(self) -> set[str]:
        wrong = {printed.institution for printed, _ in self.found}
        return wrong | {one.institution for one in self.missing}

    def public(self, facts: Facts) -> Facts:
        """The facts as an edition prints them, which is all its ratings rest on.

        What an earlier version of this program printed beyond its term counted for nothing, and is no mistake.
        """
        on = self.manifest.cut_off
        return shown(printable(settled(facts, self.policy, on)), self.policy, on)

    def pass_by(self, institution: str = "") -> None:
        """Notes whoever stands before an institution, or whoever is left, as missing."""
        while self.head is not None and (not institution or self.head.institution < institution):
            self.missing.append(self.head)
            self._next()

    def _entries(self, wanted: Sequence[str] | None) -> Iterator[Printed]:
        """The entries that stand; one that was lawfully withdrawn is no longer wrong."""
        file = self.folder / "entries.jsonl"
        for line in lines_of(self.folder, wanted) if wanted else _standing(file):
            try:
                yield msgspec.json.decode(line, type=Printed)
            except msgspec.DecodeError as wrong:
                raise EditionUnreadable(file, wrong) from None

    def _next(self) -> None:
        self.institutions += 1
        self.head = next(self.lines, None)


def _standing(file: Path) -> Iterator[bytes]:
    with file.open("rb") as lines:
        yield from (line for line in lines if not is_withdrawn(line))


def recheck(
    session: Session,
    settings: Settings,
    wanted: Sequence[str] | None,
    knowing: date,
    report: Report,
) -> Recheck:
    """Every edition on disk that was out by a day, against what the register knew when that day ended.

    The register is read once; of an edition's own day only those are read again whose facts are not
    as they were printed. Raises NotFound for a number nobody has, EditionUnreadable and PolicyError.
    """
    known_at = end_of(knowing, settings.zone)
    editions, unreleased = _opened(settings.editions, wanted, knowing)
    total = max((sum(one.manifest.counts.values()) for one in editions), default=0)
    seen: set[str] = set()
    profiled = queries.profiled(session, known_at)
    for file in queries.credit_files(session, knowing, known_at, institutions=wanted):
        seen.add(file.institution)
        since = profiled.get(file.institution)
        for edition in editions:
            begins = datetime.combine(edition.manifest.cut_off, time.min, settings.zone)
            anew = since is not None and since >= begins
            _look(edition, file.facts, knowing, anew=anew)
            if len(edition.doubtful) >= AT_ONCE:
                _settle(session, edition, known_at)
        report("核对各版次", len(seen), max(len(seen), len(wanted or ()) or total))
    for edition in editions:
        _settle(session, edition, known_at)
        edition.pass_by()
    seen |= {one.institution for edition in editions for one in edition.missing}
    if nowhere := [one for one in wanted or () if one not in seen]:
        raise NotFound("机构", "、".join(nowhere))
    clock = _Clock(session, settings, knowing, profiled)
    mends = Mends(queries.withdrawals(session), knowing)
    checked = tuple(
        _checked(one, clock, mends, editions[at + 1 :]) for at, one in enumerate(editions)
    )
    return Recheck(knowing=knowing, editions=checked, unreleased=tuple(unreleased))


def _opened(
    folder: Path, wanted: Sequence[str] | None, knowing: date
) -> tuple[list[_Reading], list[str]]:
    """The editions that were out by the day, the oldest first, and the names of the others."""
    manifests = []
    for file in folder.glob("2[0-9][0-9][0-9]-*/edition.json"):
        try:
            manifest = msgspec.json.decode(file.read_bytes(), type=Manifest)
        except msgspec.DecodeError as wrong:
            raise EditionUnreadable(file, wrong) from None
        manifests.append((manifest.period, manifest.number, file.parent, manifest))
    manifests.sort(key=lambda one: one[:2])
    released = [one for one in manifests if one[3].released_on <= knowing]
    return (
        [_Reading(place, manifest, wanted) for _, _, place, manifest in released],
        [manifest.name for *_, manifest in manifests if manifest.released_on > knowing],
    )


def _look(edition: _Reading, facts: Facts, knowing: date, *, anew: bool) -> None:
    """Puts an entry aside where what is known now of its day is not what was printed.

    The profile is today's; where one was recorded `anew` since the edition's day, another may have come
    and gone between, so that the day itself is looked at.
    """
    on = edition.manifest.cut_off
    printed = edition.entry_of(facts.institution)
    if printed is None or printed.facts is None or printed.rating is None:
        edition.absent.add(facts.institution)
        edition.registered_later += facts.opened_on is None or facts.opened_on <= on
        return
    seen = edition.public(with_hindsight(facts, on, knowing))
    # A report that came in late is hidden by those after it; it can only help who lacked one.
    unreported = any(one.code == "custody" and not one.met for one in printed.rating.conditions)
    if anew or unreported or not is_as_printed(edition.public(printed.facts), seen, on):
        edition.doubtful.append((printed, undone(facts, knowing)))


def _settle(session: Session, edition: _Reading, known_at: datetime) -> None:
    """Rates the doubtful on the edition's own day: what hindsight hides of a profile is read again."""
    if not edition.doubtful:
        return
    on = edition.manifest.cut_off
    ids = [printed.institution for printed, _ in edition.doubtful]
    files = queries.credit_files(session, on, known_at, institutions=ids)
    days = {file.institution: file.facts for file in files}
    for printed, void in edition.doubtful:
        if printed.facts is None or printed.rating is None:
            continue
        seen = edition.public(struck(days[printed.institution], void))
        known = edition.public(printed.facts)
        wrong = compare(printed.rating.dated(on), known, seen, edition.policy, void)
        if wrong is not None:
            edition.found.append((printed, wrong))
    edition.doubtful.clear()


class _Clock:
    """When a cause came to be known, and until when what it made wrong is to be mended."""

    def __init__(
        self, session: Session, settings: Settings, knowing: date, profiled: dict[str, datetime]
    ) -> None:
        self.session, self.zone, self.knowing = session, settings.zone, knowing
        self.profiled = profiled
        self.calendar = load_calendar(settings.holidays)

    def told(self, cause: Cause, edition: _Reading, institution: str) -> Told:
        """The cause with its days."""
        known_on = self._known_on(cause, edition.manifest.cut_off, institution)
        indicator = edition.policy.by_code.get(cause.code)
        return Told(
            cause=cause,
            title=indicator.title if indicator else "",
            known_on=known_on,
            due_on=self.due_after(known_on),
        )

    def due_after(self, known_on: date) -> date:
        """The last day to withdraw or correct what was known on a day to be wrong."""
        return self.calendar.after(known_on, MENDED_WITHIN)

    def _known_on(self, cause: Cause, cut_off: date, institution: str) -> date:
        """The day of the step that told it; what no step of its own tells, this check makes known."""
        if not cause.record and cause.code in PROFILE:
            return self.profiled[institution].astimezone(self.zone).date()
        if not cause.record or cause.fault == "gone":
            return self.knowing
        sheet = queries.matter(self.session, cause.record)
        if cause.fault in ("late", "changed"):
            days = self._days(one for one in sheet.steps if one.on <= cut_off)
            return max((one for one in days if one > cut_off), default=self.knowing)
        steps = list(sheet.steps)
        if decision := sheet.content.get("decision"):
            steps += queries.matter(self.session, decision).steps
        days = self._days(one for one in steps if one.act in UNDOING)
        return min(days, default=self.knowing)

    def _days(self, steps: Iterable[queries.StepLine]) -> list[date]:
        """On which days, up to the day of what is known, the steps were recorded in this city."""
        days = [one.recorded_at.astimezone(self.zone).date() for one in steps]
        return [one for one in days if one <= self.knowing]


def _checked(edition: _Reading, clock: _Clock, mends: Mends, later: Sequence[_Reading]) -> Checked:
    places = {one.id: one.name for one in edition.manifest.jurisdictions}
    mistakes = []
    for printed, wrong in edition.found:
        told = tuple(clock.told(one, edition, printed.institution) for one in wrong.causes)
        dues = [one.due_on for one in told]
        since = max((one.known_on for one in told), default=clock.knowing)
        right = (
            one.manifest
            for one in later
            if one.manifest.released_on >= since
            and one.puts_right(printed.institution, edition.manifest.name)
        )
        mistakes.append(
            Mistake(
                name=printed.name,
                jurisdiction=printed.jurisdiction,
                district=places.get(printed.jurisdiction, printed.jurisdiction),
                wrong=wrong,
                told=told,
                due_on=min(dues, default=clock.due_after(clock.knowing)),
                mended=mends.of(edition.manifest, wrong, right),
            )
        )
    named = {printed.institution for printed, _ in edition.found}
    after = edition.registered_later
    return Checked(
        edition=edition.manifest.name,
        cut_off=edition.manifest.cut_off,
        institutions=edition.institutions,
        mistakes=tuple(sorted(mistakes, key=lambda one: one.wrong.institution)),
        missing=tuple(f"{one.institution} {one.name}" for one in edition.missing),
        withdrawn=mends.withdrawn(edition.manifest, named, edition.wanted),
        # A withdrawn entry names nobody, so it is only known that it was there.
        registered_later=max(0, after - tombstones_in(edition.folder)) if after else 0,
    )
