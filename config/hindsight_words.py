"""What a recheck of past editions found, in lines for people."""

from collections.abc import Iterator
from datetime import date

from config.hindsight import Mistake, Recheck
from config.mending import Mended
from publisher.pages.words import TAGS
from scoring import Rating
from scoring.words import score_words

FAULTS = {
    "annulled": "{on} 撤销",
    "dismissed": "{on} 认定不成立",
    "late": "发布后才登记",
    "changed": "发布后登记有更改",
    "gone": "登记册里已没有",
}
FIELDS = {
    "status": "办学状态",
    "opened_on": "设立日期",
    "charges_in_advance": "是否预收费",
    "on_platform": "是否纳入监管平台",
    "inspections": "检查",
    "licences": "办学许可证",
    "registrations": "法人登记",
    "annual_inspections": "年检",
    "covers": "保险",
    "custody": "预收费监管专户",
}


def lines(found: Recheck) -> Iterator[str]:
    """The outcome for people: every wrong edition with its institutions and causes, then the sum."""
    for edition in found.editions:
        if edition.is_right and not edition.mistakes and not edition.withdrawn:
            continue
        state = "有误，都已经撤回或者更正" if edition.is_right else "有误"
        yield f"{edition.edition}（截止 {edition.cut_off}，{edition.institutions} 家）{state}："
        for mistake in edition.mistakes:
            yield from _of_mistake(mistake, found.knowing)
        for gone in edition.withdrawn:
            yield f"  {gone.institution}：{mended_words(gone)}"
        for one in edition.missing:
            yield f"  {one}：登记册里没有这家机构，请查明后更正"
    wrong = [one for one in found.editions if not one.is_right]
    named = {one.wrong.institution for e in wrong for one in e.mistakes if one.mended is None}
    named |= {one for edition in wrong for one in edition.missing}
    if names := found.unreleased:
        shown = (
            f"{names[0]} 至 {names[-1]}，{len(names)} 个" if len(names) > 3 else "、".join(names)
        )
        yield f"到 {found.knowing} 还没有发布、没有核对的版次：{shown}。"
    later = max((one.registered_later for one in found.editions), default=0)
    if later:
        yield f"有的版次最多少列 {later} 家：它们当时已设立，发布以后才登记。"
    head = f"按 {found.knowing} 所知，核对 {len(found.editions)} 个版次"
    if wrong:
        yield f"{head}：{len(wrong)} 个版次有误，涉及 {len(named)} 家机构。"
    elif any(one.mistakes or one.withdrawn for one in found.editions):
        yield f"{head}：曾经有误的都已经撤回或者更正。"
    else:
        yield f"{head}：都没有错。"


def _of_mistake(mistake: Mistake, knowing: date) -> Iterator[str]:
    wrong = mistake.wrong
    before, after = _said(wrong.published), _said(wrong.rightful)
    what = f"{before} → {after}" if wrong.moved else f"{before} 不变，但列出了不该列出的记录"
    yield f"  {wrong.institution} {mistake.name}（{mistake.district}）：{what}"
    if not mistake.told:
        yield "    事实没有变，重新计算的结果不同。请用 xinyong verify 核对这个版次。"
    for one in mistake.told:
        cause = one.cause
        subject = f"{cause.record}“{one.title}”（{cause.code}）".replace("“”", "")
        if not cause.record:
            subject = FIELDS.get(cause.code, "机构情况")
        said = FAULTS[cause.fault].format(on=cause.on)
        mend = "撤回并公开说明理由" if cause.fault in ("annulled", "dismissed") else "更正"
        late = "，已逾期" if mistake.mended is None and one.due_on < knowing else ""
        yield f"    {subject}：{said}，{one.known_on} 知悉，最迟 {one.due_on} {mend}{late}"

    if mistake.mended is not None:
        tardy = "，晚于期限" if mistake.mended.on > mistake.due_on else ""
        yield f"    {mended_words(mistake.mended)}{tardy}"


def mended_words(mended: Mended) -> str:
    """How and where a mistake was mended."""
    if mended.how == "withdrawn":
        paper = f" {mended.document_no}" if mended.document_no else ""
        return f"已于 {mended.on} 撤回{paper}：{mended.reason}"
    return f"已由 {mended.edition} 更正，{mended.on} 发布"


def _said(rating: Rating) -> str:
    score = score_words(rating)
    return f"{TAGS[rating.status]} {rating.grade}{f' {score} 分' if score else ''}"
