"""What can be wrong with a policy: every problem at once, each with its place and its remedy."""

from msgspec import Struct


class Problem(Struct, frozen=True, kw_only=True):
    """One thing wrong: its line and place in the file, what stands there, and what to do.

    Places count from one, as people do: `indicators[3] L02 · points` is the third indicator.
    """

    place: str
    sentence: str
    line: int | None = None
    value: str = ""

    def __str__(self) -> str:
        line = f"第 {self.line} 行 " if self.line is not None else ""
        value = f"（现在是 {self.value}）" if self.value else ""
        return f"{line}{self.place}{value}：{self.sentence}"


class PolicyError(Exception):
    """A policy is refused; `problems` names every place."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        lines = "\n".join(f"  {one}" for one in problems)
        super().__init__(f"评分办法有 {len(problems)} 处要改：\n{lines}")
