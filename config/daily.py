"""Once a day, after midnight in the city's zone: what has ended ends, what cannot wait is put before a person."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta

import msgspec
from msgspec import Struct
from sqlalchemy import Engine
from sqlmodel import Session

from config.bounded import TookTooLong, WorkFailed
from config.freezing import frozen, moment_of, supplement_of
from config.keeping.alone import DAY, alone
from config.keeping.errors import Busy
from config.month import CLOCK, bounds_of
from config.naming import following, last_day
from config.settings import Settings
from config.white_losses import tell_losses
from config.withdrawing import withdraw_due
from publisher.edition import Edition, read_edition
from publisher.gate import GateRefused, prepare
from publisher.schedule import STANDS
from publisher.withdraw import WithdrawalRefused
from registry import acts, queries
from registry.calendar import Calendar, load_calendar
from registry.database import leading, leading_soon, reading, writing
from registry.queries import EditionLine, MatterLine
from registry.queries.matters import ALL
from registry.reminders import end_what_has_run_out

OPEN_TERM = 20  # working days, 政府信息公开条例 第二十六条
BACK = 3  # working days, as long as a withdrawal may take, 行政处罚法 第四十八条
Withdraw = Callable[[Engine, Settings, datetime], object]
MARK = 3  # working days; an objection is marked at once, and is to be decided in five
STILL = {
    "black": "列入黑名单的决定仍然有效",
    "watch": "列入重点关注名单的决定仍然有效",
    "white": "仍然符合白名单的条件",
}
SOON = 2  # working days before its hour, an unsigned monthly edition is told of each day
TOLD = 5


class Waits(Struct, frozen=True, kw_only=True, order=True):
    """One institution whose public record is another than the newest edition's, and until when it must be out."""

    due_on: date
    since: date
    institution: str
    why: str
    at_once: bool = False

    @property
    def sentence(self) -> str:
        """Who, since when, until when, by which rule."""
        return f"{self.institution} {self.since} 起有变化，最迟 {self.due_on} 公布（{self.why}）"


def run_day(
    engine: Engine, settings: Settings, now: datetime, withdraw: Withdraw = withdraw_due
) -> list[str] | None:
    """Everything one day asks for, safe to run again; gives what is late, in sentences.

    The order matters: what ends today is not published again, and what is taken back needs no new edition.
    None where another node is at it. Raises WithdrawalRefused, after all else is done, for editions from
    which nothing could be withdrawn, and what `withdraw` raises where it works in another process.
    """
    try:
        # Between two of its parts it lets others publish, and no other node may begin the day anew there.
        with alone(settings.data, "每日办理", engine, DAY):
            return _whole_day(engine, settings, now, withdraw)
    except Busy:
        return None


def _whole_day(
    engine: Engine, settings: Settings, now: datetime, withdraw: Withdraw
) -> list[str] | None:
    calendar = load_calendar(settings.holidays)
    with leading(engine) as mine:
        if not mine:
            return None
        with writing(engine) as session:
            end_what_has_run_out(session, by=CLOCK, now=now, calendar=calendar)
        tell_losses(engine, settings, CLOCK, now)
    kept: Exception | None = None
    try:
        withdraw(engine, settings, now)  # it leads by itself
    except (WithdrawalRefused, WorkFailed, TookTooLong) as refused:
        kept = refused
    with leading_soon(engine) as mine:
        if not mine:
            return None
        late = [*supplement_due(engine, settings, now), *_unsigned(engine, settings, now)]
        if late:
            said = "\n".join(late)
            key = f"late:{now:%Y-%m-%d}"
            with writing(engine) as session:
                acts.tell_publishers(session, key, "名单发布有迟延或者将要迟延", said, now=now)
    if kept is not None:
        raise kept
    return late


def supplement_due(engine: Engine, settings: Settings, now: datetime) -> list[str]:
    """Prepares a supplementary edition where waiting for the next month's would be too late; gives what is late."""
    with reading(engine) as session:
        rows = queries.editions(session)
    newest = next((one for one in rows if one.state == "released"), None)
    if newest is None:
        return []
    next_on = moment_of(settings, following(newest.period)).date()
    until = min(now.date() - timedelta(days=1), last_day(newest.period))
    if until <= newest.cut_off:
        return []
    name, dates = supplement_of(engine, settings, newest.period, now)
    edition = frozen(engine, settings, name, dates)
    waits = [
        one
        for one in waiting(engine, settings, newest, edition, now)
        if one.due_on < max(next_on, now.date())
    ]
    late = _told("已超过期限", [one for one in waits if one.due_on < now.date()])
    if now.date() > last_day(newest.period) and now.date() >= next_on:
        # The next month's edition counts to the same day and may go out as soon as it is signed.
        return [*late, *_told(f"等 {following(newest.period)} 版签发", waits)]
    if any(one.at_once or _is_near(settings, one.due_on, now) for one in waits):
        late += _put_forward(engine, settings, edition, waits, now)
    return late


def _told(what: str, waits: list[Waits]) -> list[str]:
    """One sentence for all of them: how many, and who comes first."""
    if not waits:
        return []
    more = "等" if len(waits) > TOLD else ""
    return [f"{what} {len(waits)} 项：{'；'.join(one.sentence for one in waits[:TOLD])}{more}"]


def waiting(
    engine: Engine, settings: Settings, newest: EditionLine, edition: Edition, now: datetime
) -> list[Waits]:
    """Whoever stands otherwise in an edition frozen now than in the newest one, by the last day to say so."""
    calendar = load_calendar(settings.holidays)
    old = read_edition(settings.editions / newest.name)
    changes_on, objected = _changed(old, edition)
    cut_off = edition.manifest.cut_off
    with reading(engine) as session:
        formed = queries.formed(session, newest.prepared_at, newest.cut_off, cut_off, now.tzinfo)
        owed = owed_first(session)
    found = []
    for id, turned in changes_on.items():
        days = [formed[id]] if id in formed else []
        if turned is not None and newest.cut_off < turned <= cut_off:
            days.append(turned)
        since = min(days, default=cut_off)
        if id in objected:
            due, why = calendar.after(since, MARK), "浙江省公共信用信息管理条例第三十条，异议标注"
        else:
            due, why = calendar.after(since, OPEN_TERM), "政府信息公开条例第二十六条"
        found.append(
            Waits(due_on=due, since=since, institution=id, why=why, at_once=id in objected)
        )
        matter = owed.get(id)
        if matter is not None and matter.due_on is not None:
            found.append(
                Waits(
                    due_on=matter.due_on,
                    since=matter.since,
                    institution=id,
                    why="行政处罚法第四十八条",
                    at_once=True,
                )
            )
    return sorted([*found, *_off_their_list(old, edition, calendar)])


def _off_their_list(old: Edition, edition: Edition, calendar: Calendar) -> Iterator[Waits]:
    """Whose entry another record's end has taken away, while they are still to stand on a list.

    Parents are warned of them again, and nobody who earned the white list is missing from it, as soon as a
    person has signed.
    """
    standing = {one.institution: one.rating.status for one in edition.listed}
    for id, removal in old.withdrawn.items():
        if why := STILL.get(standing.get(id, "")):
            due = calendar.after(removal.on, BACK)
            yield Waits(due_on=due, since=removal.on, institution=id, why=why, at_once=True)


def owed_first(session: Session) -> dict[str, MatterLine]:
    """Of each institution the withdrawal that is due first; every one of them, however many there are."""
    lines = queries.matters(session, kinds=("withdrawal",), open_only=True, limit=ALL)
    return {one.institution: one for one in reversed(lines)}


class _Mark(Struct, frozen=True):
    """Of what counts, whether somebody objects to it."""

    disputed: bool = False


class _Turns(Struct, frozen=True):
    """Of a rating, when time alone changes it, and what counts."""

    changes_on: date | None = None
    reasons: tuple[_Mark, ...] = ()


class _Lists(Struct, frozen=True):
    """Of facts, the decisions on lists."""

    listings: tuple[_Mark, ...] = ()


class _Whose(Struct, frozen=True):
    """Of a line, whose it is; a tombstone does not say."""

    institution: str = ""
    rating: _Turns = _Turns()
    facts: _Lists = _Lists()

    @property
    def disputes(self) -> int:
        """How many marks of an objection it bears."""
        return sum(one.disputed for one in (*self.rating.reasons, *self.facts.listings))


def _changed(old: Edition, edition: Edition) -> tuple[dict[str, date | None], set[str]]:
    """Whose line is not what it was, and when the old one was to change by itself; of whom more is disputed."""
    decoder = msgspec.json.Decoder(_Whose)
    before, after = set(old.lines), set(edition.lines)
    turned: dict[str, date | None] = {}
    marks: dict[str, int] = {}
    for line in after - before:
        one = decoder.decode(line)
        turned[one.institution], marks[one.institution] = None, one.disputes
    for line in before - after:
        one = decoder.decode(line)
        if one.institution:
            turned[one.institution] = one.rating.changes_on
            marks[one.institution] = marks.get(one.institution, 0) - one.disputes
    return turned, {id for id, many in marks.items() if many > 0}


def _is_near(settings: Settings, due: date, now: datetime) -> bool:
    calendar = load_calendar(settings.holidays)
    return calendar.after(now.date(), settings.publication.ahead) >= due


def _put_forward(
    engine: Engine, settings: Settings, edition: Edition, waits: list[Waits], now: datetime
) -> Iterator[str]:
    """Puts the edition before the second person and tells who signs, unless a person has it in hand."""
    with reading(engine) as session:
        rows = {one.order: one for one in queries.editions(session)}
    due = min(one.due_on for one in waits)
    first = min(waits)
    cause = f"{first.sentence}，共 {len({one.institution for one in waits})} 家不能等到下一期"
    row = rows.get(edition.manifest.order)
    if row is None or _is_ours(row, edition):
        try:
            prepare(
                engine,
                edition,
                settings.editions,
                bounds_of(settings),
                by=CLOCK,
                now=now,
                due_on=due,
                cause=cause,
            )
        except GateRefused as refused:
            yield f"{edition.name} 最迟 {due} 发布，拟不出来：{refused}"
            return
        state = "prepared"
    else:
        state = row.state
    if state == "approved":
        return
    said = f"{edition.name} {STANDS[state]}，最迟 {due} 发布。{cause}。"
    with writing(engine) as session:
        key, subject = f"sign:{edition.name}:{now:%Y-%m-%d}", f"{edition.name} 等您签发，最迟 {due}"
        acts.tell_publishers(
            session, key, subject, said, now=now, link=f"desk/gate/{edition.name}/"
        )
    if due < now.date():
        yield f"已超过期限：{said}"


def _is_ours(row: EditionLine, edition: Edition) -> bool:
    """Whether the schedule may prepare it anew: not what a person prepared, signed or sent back as it is."""
    if row.prepared_by != CLOCK.account or row.state in ("approved", "returned"):
        return row.state == "replaced"
    return row.state != "prepared" or row.digest != edition.digest


def _unsigned(engine: Engine, settings: Settings, now: datetime) -> Iterator[str]:
    """Which monthly edition has its hour today or soon and is not signed."""
    calendar = load_calendar(settings.holidays)
    with reading(engine) as session:
        rows = {one.period: one.state for one in queries.editions(session) if not one.number}
    period = f"{now:%Y-%m}"
    moment = moment_of(settings, period)
    state = rows.get(period, "")
    if state in ("approved", "released") or not rows:
        return
    if calendar.after(now.date(), SOON) >= moment.date():
        yield f"{period} 版定于 {moment:%Y-%m-%d %H:%M} 发布，现在{STANDS.get(state, state)}。"
