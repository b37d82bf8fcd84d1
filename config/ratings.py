"""Ratings of the register as it stands, and a rating told in lines."""

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

from config.register import open_register
from config.settings import Settings, load_policies
from publisher.data import WORDS
from registry import queries
from registry.database import reading
from registry.errors import NotFound
from scoring import Rating, in_force, load_policy
from scoring import assess as rate


def ratings(
    settings: Settings, on: date, wanted: Sequence[str] | None, policy_file: Path | None
) -> list[tuple[str, Rating]]:
    """Names and ratings on a day, in order of number; raises NotFound for a number nobody has."""
    if policy_file:
        policy = load_policy(policy_file.read_bytes())
    else:
        policy = in_force([load_policy(one) for one in load_policies(settings)], on)
    with reading(open_register(settings)) as session:
        files = list(queries.credit_files(session, on, institutions=wanted))
    if wanted and len(files) < len(wanted):
        raise NotFound("机构", wanted[0])
    return [(file.name, rate(file.facts, policy, on)) for file in files]


def explain(name: str, rating: Rating) -> Iterator[str]:
    """The rating as a sum, each line with its article, then the conditions of the white list."""
    yield f"{rating.institution} {name}"
    head = f"{rating.on}：{WORDS[rating.status]}，等级 {rating.grade}，办法 {rating.policy}"
    yield f"{head}。{rating.not_rated_because}"
    if rating.base is not None:
        yield f"{rating.base:>8}  基础分"
    for one in rating.reasons:
        points = "否决" if one.kind == "veto" else f"{one.points:+}"
        yield f"{points:>8}  {one.title}（{one.code}，{one.seen_on} 发现，{one.record}）"
        yield f"          {one.sentence}依据：{one.reference.document} {one.reference.article}"
    if rating.score is not None:
        yield f"{rating.score:>8}  得分"
    for condition in rating.conditions:
        yield f"{'符合' if condition.met else '不符合'}  {condition.title}：{condition.sentence}"
    if rating.changes_on:
        yield f"不再有新的记录时，这个结果到 {rating.changes_on} 才会变化。"
