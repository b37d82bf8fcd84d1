"""What can be wrong with a policy: every problem at once, each with its place and its remedy."""

from msgspec import Struct


class Problem(Struct, frozen=True, kw_only=True):
    """One thing wrong: where it stands, and a sentence that says what to do."""

    place: str
    sentence: str


class PolicyError(Exception):
    """A policy is refused; `problems` names every place."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        lines = "\n".join(f"  {one.place}：{one.sentence}" for one in problems)
        super().__init__(f"评分办法有 {len(problems)} 处要改：\n{lines}")
