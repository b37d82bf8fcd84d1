"""What an edition changes and what a machine doubts of it, for the terminal and for programs."""

from collections.abc import Iterator
from typing import Any

import msgspec

from publisher.edition import Edition
from registry.drafts import Draft

SIGNS = {"added": "+", "removed": "−", "changed": "Δ"}


def as_text(edition: Edition, draft: Draft, *, prepared: bool) -> str:
    """List by list every addition, removal and change, then the violations, then what to do next."""
    return "\n".join([*_lists(draft), *_violations(draft), *_next(edition, draft, prepared)])


def for_json(draft: Draft) -> dict[str, Any]:
    """The draft with the digests a program needs."""
    whole: dict[str, Any] = msgspec.to_builtins(draft)
    whole["difference"] = draft.difference
    whole["changes"] = whole.pop("lines")
    for one, violation in zip(whole["violations"], draft.violations, strict=True):
        one["digest"] = violation.digest
    return whole


def _lists(draft: Draft) -> Iterator[str]:
    for key, word, added, gone, changed in draft.tally():
        if not added + gone + changed:
            continue
        yield f"{word}：列入 {added}，移出 {gone}，变化 {changed}"
        for one in draft.lines:
            if one.list == key:
                appeal = f"（{one.appeal}）" if one.appeal not in ("", "无") else ""
                yield f"  {SIGNS[one.kind]} {one.institution} {one.name}：{one.why}{appeal}"


def _violations(draft: Draft) -> Iterator[str]:
    for one in draft.violations:
        mark = "可由发布员放行" if one.acceptable else "谁都不能放行"
        yield f"× {one.digest[:12]} {one.sentence}（{mark}）"


def _next(edition: Edition, draft: Draft, prepared: bool) -> Iterator[str]:
    many = len({one.institution for one in draft.lines})
    said = "已拟制" if prepared else "试算完毕，什么也没有记"
    yield f"{edition.name} {said}：{len(edition.lines)} 家，{many} 家有变化。"
    yield f"校验码 {edition.digest}"
    if not prepared:
        return
    if draft.violations:
        yield (
            f"{len(draft.violations)} 项核对不通过。请另一名发布员逐项写明理由放行："
            f"xinyong accept {edition.name} 校验码 --by 账户名 --reason 理由"
        )
    yield f"请由另一人核对后签发：xinyong approve {edition.name} --by 账户名"
