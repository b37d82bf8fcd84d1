"""A ledger's file into the city's register, with the city's own column map."""

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path

from config.progress import Report
from config.register import OPERATOR, actor_of, open_register
from config.settings import Settings, load_policies
from registry.calendar import load_calendar
from registry.database import writing
from registry.importing import FORMS, City, Outcome, load_map, read_sheets, take_in
from scoring import Policy, load_policy


class _DryRun(Exception):
    """Ends the act without a trace."""


def take_in_file(  # noqa: PLR0913 one argument per option of the command
    settings: Settings,
    kind: str,
    file: Path,
    *,
    mapping: Path | None = None,
    by: str = "",
    dry_run: bool = False,
    accept_valid: bool = False,
    update: bool = False,
    report: Report,
) -> Outcome:
    """What came of it; raises FileRefused and MapRefused before anything is recorded."""
    mapped = load_map(mapping or _map_of(settings, kind), tuple(FORMS[kind].model_fields))
    policies = [load_policy(one) for one in load_policies(settings)]
    sheets = read_sheets(file, mapped.encoding, mapped.sheet)
    engine = open_register(settings)
    now = datetime.now(settings.zone)
    city = City(
        prefix=settings.prefix,
        today=now.date(),
        codes=codes_of(policies, now.date()),
        words=settings.words,
        calendar=load_calendar(settings.holidays),
    )
    actor = actor_of(engine, by, now) if by else OPERATOR
    try:
        with writing(engine) as session:
            outcome = take_in(
                session,
                kind,
                file,
                sheets,
                mapped,
                city=city,
                by=actor,
                now=now,
                accept_valid=accept_valid,
                update=update,
                report=report,
            )
            if dry_run:
                raise _DryRun
    except _DryRun:
        pass
    finally:
        engine.dispose()
    return outcome


def codes_of(policies: Sequence[Policy], today: date) -> dict[str, bool]:
    """The codes that a row may have today, and whether each is a commendation's.

    What only a version to come knows is none of them: an edition of a day before it could not be rated. Where
    no version has begun, the coming ones are all there is.
    """
    begun = [one for one in policies if one.since <= today] or policies
    return {code: rule.bonus for one in begun for code, rule in one.by_code.items()}


def _map_of(settings: Settings, kind: str) -> Path:
    """The city's own column map, or the one that knows what Chinese offices write."""
    own = settings.imports / f"{kind}.toml"
    return own if own.exists() else Path(__file__).parent / "imports" / f"{kind}.toml"


def summary(outcome: Outcome, *, dry_run: bool, accept_valid: bool) -> str:
    """What happened, in one sentence or two."""
    bad = len({(one.sheet, one.row) for one in outcome.problems})
    there = f"{outcome.known} 行已在登记册，{_changed(outcome, dry_run=dry_run)}"
    if bad and not accept_valid:
        return f"共 {outcome.rows} 行，{bad} 行有错，一行都没有导入。请改正后再导入一次。"
    done = "可以导入" if dry_run else "已导入"
    refused = f"，{bad} 行有错没有导入" if bad else ""
    return f"共 {outcome.rows} 行，{done} {outcome.new} 行，{there}{refused}。"


def _changed(outcome: Outcome, *, dry_run: bool) -> str:
    """What became of the rows that were there."""
    different = len({(one.sheet, one.row) for one in outcome.differences})
    if outcome.updated:
        return f"其中 {outcome.updated} 行{'可以更新' if dry_run else '已照文件更新'}"
    if different:
        return f"其中 {different} 行与文件不同，没有改动（加 --update 照文件更新）"
    return "没有改动"
