"""The notices of correction an edition carries: what earlier ones said wrongly, and by what it is known."""

from collections.abc import Iterable, Sequence
from datetime import datetime, time

import msgspec
from sqlmodel import Session

from config.hindsight import Mistake, recheck
from config.hindsight_words import FIELDS
from config.settings import Settings
from publisher.corrections import Corrected, Correction, read_corrections
from publisher.freeze import Before, Issue
from publisher.gate.privacy import OF_NUMBERS, personal
from registry import queries
from registry.procedure import KINDS
from scoring import Rating
from scoring.hindsight import Cause
from scoring.words import number

VOID = ("annulled", "dismissed")
UNDOING = ("annul", "dismiss", "drop")
UNTOLD = "理由涉及个人信息，依法不公开"


def with_corrections(
    session: Session, settings: Settings, issue: Issue, before: Before | None
) -> Issue:
    """The issue with its notices: every mistake of an earlier edition that nobody has told yet.

    The same register and the same editions give the same notices on any day; an issue `known_at` an instant
    has those that were known when its day ended.
    """
    wanted: list[str] | None = None
    if not any(settings.editions.glob("2[0-9][0-9][0-9]-*/edition.json")):
        return issue
    if before is not None:
        cut_off = before.edition.manifest.cut_off
        begins = datetime.combine(cut_off, time.min, settings.zone)
        since = min(before.recorded_by, begins)
        wanted = sorted(queries.belated(session, since, cut_off))
        if not wanted:
            return issue
    found = _of(session, settings, issue, wanted)
    return msgspec.structs.replace(issue, corrections=tuple(found))


def _of(
    session: Session, settings: Settings, issue: Issue, wanted: Sequence[str] | None
) -> Iterable[Correction]:
    known = (
        [issue.known_at] if issue.known_at else [one.at for one in queries.ledger_entries(session)]
    )
    days = (one.astimezone(settings.zone).date() for one in known)
    found = recheck(session, settings, wanted, max([*days, issue.cut_off]), _unseen)
    told = _told(settings, issue)
    by_institution: dict[str, list[tuple[str, Mistake]]] = {}
    own = issue.period, issue.number
    for edition in found.editions:
        if _order(edition.edition) >= own:
            continue
        for one in edition.mistakes:
            id = one.wrong.institution
            # What this very edition mends, or one after it, was not mended before: a release may be repeated.
            mended = one.mended is not None and _order(one.mended.edition) < own
            if not mended and (id, edition.edition) not in told:
                by_institution.setdefault(id, []).append((edition.edition, one))
    for id in sorted(by_institution):
        yield _correction(session, id, by_institution[id], settings.gate.public_numbers)


def _correction(
    session: Session, id: str, own: list[tuple[str, Mistake]], offices: tuple[str, ...]
) -> Correction:
    causes = {told.cause for _, one in own for told in one.told}
    ordered = sorted(causes, key=lambda one: (one.record, one.code))
    said = [_why(session, one, offices) for one in ordered]
    newest = own[-1][1]
    return Correction(
        institution=id,
        name=newest.name,
        jurisdiction=newest.jurisdiction,
        editions=tuple(
            _corrected(name, one.wrong.published, one.wrong.rightful) for name, one in own
        ),
        reason="；".join(dict.fromkeys(reason for reason, _ in said)) or "重新计算的结果不同",
        document_no="、".join(dict.fromkeys(paper for _, paper in said if paper)),
    )


def _why(session: Session, cause: Cause, offices: tuple[str, ...]) -> tuple[str, str]:
    """Why something was wrong, without the offence, and the paper that says so.

    What was written when the record was undone was not written to be published: a reason in which anybody
    is named or numbered is left out, and it is said that it is. `offices` are numbers that may stand.
    """
    if not cause.record:
        return f"{FIELDS.get(cause.code, '机构情况')}的登记已更正", ""
    if cause.fault == "gone":
        return "所列的记录不在登记册里", ""
    sheet = queries.matter(session, cause.record)
    kind = KINDS[sheet.line.kind]
    if cause.fault not in VOID:
        return f"{kind}{'在发布以后才登记' if cause.fault == 'late' else '的登记已更正'}", ""
    steps = [one for one in sheet.steps if one.act in UNDOING]
    if not steps:
        return f"{kind}已撤销", ""
    undone = steps[-1]
    word = "不成立" if undone.act == "dismiss" else "已撤销"
    paper = undone.document_no
    if personal(paper, offices, OF_NUMBERS):
        paper = ""
    if personal(undone.reason, offices):
        return f"{kind}{word}（{UNTOLD}）", paper
    return f"{kind}{word}：{undone.reason.rstrip('。')}", paper


def _told(settings: Settings, issue: Issue) -> set[tuple[str, str]]:
    """What earlier editions have told already: whose entry, and in which edition it was wrong."""
    found = set()
    for file in settings.editions.glob("2[0-9][0-9][0-9]-*/corrections.json"):
        if _order(file.parent.name) < (issue.period, issue.number):
            for one in read_corrections(file.parent):
                found |= {(one.institution, was.edition) for was in one.editions}
    return found


def _corrected(edition: str, published: Rating, rightful: Rating) -> Corrected:
    """What an edition said and should have said, with the scores where nothing else tells the two apart."""
    before, after = _said(published), _said(rightful)
    if before == after:
        before, after = (
            f"{one} {number(rating.score)}".strip()
            for one, rating in ((before, published), (after, rightful))
        )
    return Corrected(edition=edition, before=before, after=after)


def _said(rating: Rating) -> str:
    return f"{rating.status} {rating.grade}".strip()


def _order(name: str) -> tuple[str, int]:
    period, _, number = name.partition(".")
    return period, int(number) if number.isdecimal() else 0


def _unseen(*_: object) -> None:
    """Progress that nobody looks at."""
