"""Everything the page of one institution shows, as values: lights, the sum of points, the records."""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from urllib.parse import quote

from msgspec import Struct

from publisher.edition import Entry, Jurisdiction
from publisher.pages.words import DISSUADING, Plate, fees, grade_words, listings_of, plate
from publisher.print.lines import phrases
from publisher.shown import shown_grade
from scoring.conditions import binds, in_term, insured, unprotected
from scoring.facts import Event, Listing, Record
from scoring.policy import Policy, WhiteCondition
from scoring.telling import Line, line_of, vetoed, why_grade
from scoring.words import chinese, number, score_words

CONTACTS = {
    "consult": "咨询电话",
    "complaint": "投诉电话",
    "phone": "电话",
    "website": "网站",
    "email": "电子邮箱",
    "wechat": "微信公众号",
    "address": "通信地址",
}
SOON = timedelta(days=30)
MET, NOT_MET, UNSURE = "符合", "不符合", "尚不能判断"
RENEWED = "是否续期以下一版为准，请当面核对"
ASK_TO_SEE = "登记库里没有写它到哪天，请看证上的日期"
STEPS = {
    "discovered": "已记录",
    "confirmed": "已确认",
    "dismissed": "不成立",
    "ordered": "责令改正中",
    "passed": "复查合格",
    "failed": "复查不合格",
    "decided": "已作出处罚决定",
    "served": "处罚决定已送达",
    "final": "处罚决定已生效",
    "judged": "法院已判决",
    "annulled": "已撤销",
    "disputed": "异议中",
    "dispute_ended": "异议已办结",
}


class Light(Struct, frozen=True, kw_only=True):
    """One of the three questions before paying: its shape, its word and its date."""

    key: str
    what: str
    word: str
    detail: str = ""


class Warned(Struct, frozen=True, kw_only=True):
    """A risk alert above the plate; `over` when its last day has gone by since the edition."""

    text: str
    source: str
    until: str
    over: bool


class Reach(Struct, frozen=True, kw_only=True):
    """A way to reach the institution: what it is, as it is read, and where it leads, if anywhere."""

    what: str
    text: str
    link: str = ""


class Sheet(Struct, frozen=True, kw_only=True):
    """The page of one institution."""

    id: str
    name: str
    parts: tuple[str, ...]
    place: str
    plate: Plate
    grade: str
    lights: tuple[Light, ...]
    base: str
    lines: tuple[Line, ...]
    score: str
    why: str
    unrated: str
    vetoed: bool
    listings: tuple[Line, ...]
    disputed: bool
    objections: tuple[tuple[str, str], ...]
    conditions: tuple[tuple[str, str, str, str], ...]
    others: tuple[tuple[str, str, str], ...]
    alerts: tuple[Warned, ...]
    warned: bool
    refund: bool
    fees: str
    visited: str
    facts: tuple[tuple[str, str, bool], ...]
    contacts: tuple[Reach, ...]
    staff: tuple[tuple[str, str, str, str], ...]


def grade_of(entry: Entry) -> str:
    """The grade of an entry as it is shown."""
    rating, licensed = entry.rating, bool(entry.facts.licences)
    return shown_grade(rating.status, rating.grade, licensed=licensed, merged=entry.merged is True)


def sheet(
    entry: Entry,
    policy: Policy,
    places: dict[str, Jurisdiction],
    on: date,
    today: date | None = None,
) -> Sheet:
    """What the page shows of an entry of the edition cut off on a day; by `today` alerts and terms run out."""
    rating, now = entry.rating, max(on, today or on)
    warned = max((one.issued_on for one in entry.alerts or () if one.until >= now), default=None)
    made, listings = plate(entry, on, warned), listings_of(entry, on)
    dissuading, merged = made.key in DISSUADING, entry.merged is True
    stopped = entry.facts.status != "active" and not merged
    place = places[entry.jurisdiction].name if entry.jurisdiction in places else ""
    address = entry.addresses[0] if entry.addresses else ""
    disputed = any(one.disputed for one in rating.reasons) or any(one.disputed for one in listings)
    return Sheet(
        id=entry.institution,
        name=entry.name,
        parts=tuple(phrases(entry.name)),
        place=address if place in address else f"{place} {address}".strip(),
        plate=made,
        grade=grade_words(grade_of(entry), policy.unrated),
        lights=tuple(_lights(entry, policy, on, now)) if entry.facts.status == "active" else (),
        base=number(rating.base),
        lines=tuple(
            line_of(one, entry.facts, policy, on, _replies(entry, one.record))
            for one in rating.reasons
        ),
        score=score_words(rating),
        why=why_grade(rating.dated(on), entry.facts, policy),
        unrated="已并入另一个编号"
        if merged
        else rating.not_rated_because.rstrip("。") or "还没有等级",
        vetoed=vetoed(rating),
        listings=tuple(_of_listing(one, entry) for one in listings),
        disputed=disputed,
        objections=tuple(_objections(entry, policy, listings)),
        conditions=tuple(_conditions(entry, policy)),
        others=tuple(_others(entry, policy)),
        alerts=tuple(_warned(entry, now)),
        warned=warned is not None and not dissuading,
        refund=warned is not None or stopped or (dissuading and not merged),
        fees=fees(entry.facts),
        visited=_visited(entry, policy, on),
        facts=tuple(_facts(entry, place)),
        contacts=tuple(
            Reach(what=CONTACTS[one.kind], text=one.text, link=_link(one.kind, one.text))
            for one in entry.contacts or ()
        ),
        staff=tuple(
            (
                one.name,
                one.post,
                one.subject,
                " ".join(filter(None, (one.qualification, one.certificate))),
            )
            for one in entry.staff or ()
        ),
    )


def _link(kind: str, text: str) -> str:
    """Where a contact leads: only to what is dialled, written to by mail, or read by http."""
    if kind in ("consult", "complaint", "phone"):
        number, _, extension = text.partition("转")
        dialled = "".join(sign for sign in number if sign.isdecimal())
        return f"tel:{dialled}{f',{extension}' if extension.isdecimal() else ''}" if dialled else ""
    if kind == "email":
        return f"mailto:{quote(text, safe='@')}" if "@" in text else ""
    return text if kind == "website" and text.startswith(("https://", "http://")) else ""


def _warned(entry: Entry, today: date) -> Iterator[Warned]:
    for one in entry.alerts or ():
        seen = next((record for record in entry.facts.records if record.id == one.record), None)
        found = f"{chinese(seen.seen_on)}发现，" if seen else ""
        yield Warned(
            text=one.text,
            source=f"{found}{entry.organ or '主管部门'}{chinese(one.issued_on)}提示（{one.document_no}）。",
            until=chinese(one.until),
            over=one.until < today,
        )


def _visited(entry: Entry, policy: Policy, on: date) -> str:
    """When somebody was last there; nobody having been there is said as plainly."""
    days = [one.on for one in entry.facts.inspections if one.on <= on]
    if days:
        return f"最近一次检查：{chinese(max(days))}。"
    if entry.merged is True:
        return "检查写在并入的那个编号下。"
    return f"{unvisited(policy)}。这不表示它没有问题，也不表示它有问题。"


def unvisited(policy: Policy) -> str:
    """What is said where no inspection is published.

    Where one inspection makes the score, one that is not settled is not published, and may have been made.
    """
    return "还没有已经认定的检查结果" if policy.scale.made_of == "inspection" else "还没有检查过"


def _replies(entry: Entry, record: str) -> tuple[tuple[str, str], ...]:
    return tuple((chinese(one.on), one.text) for one in entry.replies if one.record == record)


def _of_listing(listing: Listing, entry: Entry) -> Line:
    return Line(
        points="列入",
        severity="另行决定",
        title="列入黑名单" if listing.list == "black" else "列入重点关注名单",
        disputed=listing.disputed,
        chain=(
            ("决定文书", f"{listing.organ} {listing.document_no}，{chinese(listing.decided_on)}"),
            ("依据条文", listing.article),
            ("列入期间", f"{chinese(listing.effective_on)} 至 {chinese(listing.until)}"),
        ),
        statement=listing.reason,
        replies=_replies(entry, listing.id),
    )


def _others(entry: Entry, policy: Policy) -> Iterator[tuple[str, str, str]]:
    """Records that cost nothing now: not final, cured, lapsed, annulled, or one fact seen twice."""
    counted = {one.record for one in entry.rating.reasons}
    for record in sorted(entry.facts.records, key=lambda one: (one.seen_on, one.id), reverse=True):
        if record.id not in counted:
            indicator = policy.by_code.get(record.code)
            yield (
                chinese(record.seen_on),
                indicator.title if indicator else record.code,
                _step(record),
            )


def _step(record: Record) -> str:
    last: Event | None = max(record.events, key=lambda one: one.on, default=None)
    return f"{STEPS[last.state]}（{chinese(last.on)}）" if last else ""


def _conditions(entry: Entry, policy: Policy) -> Iterator[tuple[str, str, str, str]]:
    """Each condition of the white list: met or not, what it is, how it stands, its article.

    Of a grade that nobody has given yet nothing can be said, neither good nor bad.
    """
    rating = entry.rating
    of_grade = {one.kind for one in policy.white if one.kind == "grade"}
    for one in rating.conditions:
        word, sentence = MET if one.met else NOT_MET, one.sentence
        if not one.met and one.code in of_grade and rating.not_rated_because:
            word, sentence = UNSURE, f"{rating.not_rated_because.rstrip('。')}。"
        yield word, one.title, sentence, f"《{one.reference.document}》{one.reference.article}"


def _objections(
    entry: Entry, policy: Policy, listings: tuple[Listing, ...]
) -> Iterator[tuple[str, str]]:
    """What is disputed and counts all the same: since which day, and what it is."""
    records = {one.id: one for one in entry.facts.records}
    for reason in entry.rating.reasons:
        record = records.get(reason.record)
        if reason.disputed and record is not None:
            days = [one.on for one in record.events if one.state == "disputed"]
            indicator = policy.by_code.get(reason.code)
            yield chinese(max(days)) if days else "", indicator.title if indicator else reason.title
    for listing in (one for one in listings if one.disputed):
        yield "", "列入黑名单的决定" if listing.list == "black" else "列入重点关注名单的决定"


def _lights(entry: Entry, policy: Policy, on: date, now: date) -> Iterator[Light]:
    bound = [one for one in policy.white if binds(one, entry.facts.kind)]
    asked = {one.kind: one for one in bound}
    if "licence" in asked:
        yield _licence(entry, on, now)
    if "cover" in asked:
        yield _cover(entry, [one for one in bound if one.kind == "cover"], on, now)
    if "custody" in asked:
        yield _custody(entry, asked["custody"].days, on)


def _licence(entry: Entry, on: date, now: date) -> Light:
    what = "办学许可"
    terms = entry.facts.licences
    valid = in_term(terms, on)
    if any(one.until == date.max for one in valid):
        return Light(key="ok", what=what, word="有效", detail="长期")
    if any(one.until is None for one in valid):
        return Light(key="soon", what=what, word="没有登记到期日", detail=ASK_TO_SEE)
    if valid:
        return _until(what, "有效", max(one.until for one in valid if one.until), now)
    ended = [one.until for one in terms if one.until and one.until < on]
    if ended:
        return Light(key="bad", what=what, word="已过期", detail=f"{chinese(max(ended))}止")
    return Light(key="bad", what=what, word="没有许可", detail="登记库里没有有效的办学许可证")


def _until(what: str, word: str, until: date, now: date) -> Light:
    """In force on the edition's day; whether it was renewed since is not known before the next edition."""
    if until < now:
        return Light(key="soon", what=what, word="已到期", detail=f"{chinese(until)}止，{RENEWED}")
    soon = until - now <= SOON
    return Light(
        key="soon" if soon else "ok",
        what=what,
        word="30 日内到期" if soon else word,
        detail=f"至 {chinese(until)}",
    )


def _cover(entry: Entry, rules: Iterable[WhiteCondition], on: date, now: date) -> Light:
    """The covers that any condition asks for, each class with the highest sum that is asked of it."""
    sums: dict[str, int] = {}
    for rule in rules:
        for kind in rule.classes:
            sums[kind] = max(sums.get(kind, 0), rule.sum_at_least or 0)
    what = "履约和场所保险" if set(sums) == {"performance", "premises"} else "保险"
    sound = [one for one in entry.facts.covers if insured(one, on) and one.cover_class in sums]
    held = [one for one in sound if one.sum_fen >= sums[one.cover_class]]
    ends = {kind: [one.until for one in held if one.cover_class == kind] for kind in sums}
    if any(unprotected(held, kind) for kind in sums):
        return Light(key="bad", what=what, word="不齐全", detail="有的教学点不在承保范围内")
    if all(ends.values()):
        return _until(what, "在保", min(max(days) for days in ends.values()), now)
    lacking = {kind for kind, days in ends.items() if not days}
    if any(one.cover_class in lacking for one in sound):
        return Light(key="bad", what=what, word="保额不足", detail="有的保险金额低于要求")
    past = [one.until for one in entry.facts.covers if one.cover_class in lacking if one.until < on]
    if past:
        return Light(key="bad", what=what, word="已过期", detail=f"{chinese(max(past))}止")
    if held:
        return Light(key="bad", what=what, word="不齐全", detail="只有一部分险种在保")
    return Light(key="bad", what=what, word="未投保")


def _custody(entry: Entry, days: int | None, on: date) -> Light:
    what = "预收费监管专户"
    if not entry.facts.charges_in_advance:
        return Light(key="na", what=what, word="不要求", detail="不预收费")
    accounts = entry.facts.custody
    open_ = in_term(accounts, on)
    if not open_:
        ended = [one.until for one in accounts if one.until]
        if ended:
            return Light(key="bad", what=what, word="已关闭", detail=chinese(max(ended)))
        return Light(key="bad", what=what, word="未开立")
    reports = [one.reported_on for one in open_ if one.reported_on]
    last = max(reports, default=None)
    if days and (last is None or on - last > timedelta(days=days)):
        when = f"最近一次 {chinese(last)}" if last else "还没有报送过"
        return Light(key="soon", what=what, word="月报逾期", detail=when)
    return Light(key="ok", what=what, word="已开立", detail=open_[-1].bank)


def _facts(entry: Entry, place: str) -> Iterator[tuple[str, str, bool]]:
    """Label, value, and whether the value is a code."""
    facts = entry.facts
    yield "机构编号", entry.institution, True
    if entry.code:
        yield "信用代码", entry.code, True
    if entry.licence_no:
        yield "许可证号", entry.licence_no, True
    for number_, address in enumerate(entry.addresses):
        yield "办学地址" if not number_ else "另一地址", address, False
    kinds = "，".join(filter(None, (facts.kind, facts.subject, facts.mode, facts.stage)))
    if kinds:
        yield "类别", kinds, False
    if entry.organ or place:
        yield "主管部门", entry.organ or place, False
    if entry.legal_representative:
        yield "法定代表人", entry.legal_representative, False
    for name in entry.names:
        if name.text != entry.name:
            label = {"legal": "曾用名", "brand": "招牌名", "branch": "教学点"}[name.kind]
            until = f"，{chinese(name.until)}前" if name.until else ""
            yield label, f"{name.text}{until}", False
