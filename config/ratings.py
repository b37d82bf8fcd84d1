"""Ratings of the register as of any day, with what was known on any day, and a rating told in lines."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

from config.register import opened_register
from config.settings import Settings, load_policies
from publisher.data import WORDS
from registry import queries
from registry.database import reading
from registry.errors import Conflict, NotFound
from scoring import Policy, PolicyError, assess, in_force, load_policy
from scoring.derivation import Derivation, derivation_of
from scoring.hindsight import struck, undone
from scoring.replay import Lacks
from scoring.telling import SIGNS
from scoring.words import number, points, score_words


def ratings(
    settings: Settings,
    on: date,
    wanted: Sequence[str] | None,
    policy_file: Path | None,
    knowing: date | None = None,
) -> list[tuple[str, Derivation]]:
    """Names and ratings with their whole derivation, in order of number.

    Raises NotFound for a number nobody has, PolicyError with every code that the policy lacks.
    With `knowing`, from what was recorded by the end of that day in the city: what had been dismissed
    or annulled by then never was, and what was recorded later is not there.
    """
    if policy_file:
        policy = load_policy(policy_file.read_bytes())
    else:
        policy = in_force([load_policy(one) for one in load_policies(settings)], on)
    known_at = end_of(knowing, settings.zone) if knowing else None
    with opened_register(settings) as engine, reading(engine) as session:
        files = list(queries.credit_files(session, on, known_at, wanted))
        later = queries.credit_files(session, knowing, known_at, wanted) if knowing else ()
        void = {one.institution: undone(one.facts, knowing) for one in later if knowing}
    if wanted and len(files) < len(wanted):
        if knowing is None:
            raise NotFound("机构", wanted[0])
        raise Conflict(
            f"到 {knowing} 为止，登记册里还没有机构“{wanted[0]}”。"
            "请核对编号，或者把 --known 写晚一些。"
        )
    found, lacks = [], Lacks()
    for one in files:
        if one.facts.opened_on is not None and one.facts.opened_on > on:
            if not wanted:
                continue  # on that day there was no such institution yet
            raise Conflict(
                f"机构“{one.facts.institution}”{one.facts.opened_on} 才设立，{on} 还没有等级。"
                "请把 --on 写晚一些。"
            )
        facts = struck(one.facts, void.get(one.institution, ()))
        try:
            found.append((one.name, derivation_of(assess(facts, policy, on), facts, policy)))
        except PolicyError as refused:
            lacks.note(refused, facts, (policy,), on)
    lacks.refuse()
    return found


def end_of(day: date, zone: ZoneInfo) -> datetime:
    """The last instant of a day in the city."""
    return datetime.combine(day, time.max, zone)


def next_version(settings: Settings, on: date) -> Policy | None:
    """The first version of the city's scheme that begins after a day."""
    later = [one for one in map(load_policy, load_policies(settings)) if one.since > on]
    return min(later, key=lambda one: one.since, default=None)


def explain(name: str, told: Derivation, later: Policy | None = None) -> Iterator[str]:
    """The rating as a sum, each line with every step down to its article, then the white list's conditions.

    `later` is the version of the scheme that begins next: from its first day on it is what rates.
    """
    yield f"{told.institution} {name}"
    yield f"{told.on}：{WORDS[told.status]}，等级 {told.grade}，办法 {told.policy}。"
    if told.base is not None:
        yield f"{number(told.base):>8}  基础分"
    for line in told.reasons:
        yield f"{SIGNS.get(line.kind) or points(line.points):>8}  {line.title}（{line.code}，{line.record}）"
        for step in line.steps:
            yield f"          {step.label}：{step.sentence}"
    if told.base is not None:
        yield f"{score_words(told):>8}  得分"
        yield f"          {told.of_score}"
    for sentence in told.of_grade:
        yield f"          {sentence}"
    for condition in told.conditions:
        yield f"{'符合' if condition.met else '不符合'}  {condition.title}：{condition.sentence}"
    for proposal in told.proposals:
        yield f"可以提出列入{WORDS[proposal.list]}（{proposal.because}），须另行告知、听取申辩、作出决定。"
    if later is not None and (told.changes_on is None or later.since <= told.changes_on):
        yield f"{later.since} 起改用评分办法 {later.id}，从那天起按它重新计算；在那以前没有新的记录，结果不变。"
    elif told.changes_on:
        yield f"不再有新的记录时，这个结果到 {told.changes_on} 才会变化。"
