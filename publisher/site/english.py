"""The status page read in English: the same facts, for parents who read no Chinese; the Chinese page is official."""

import re
from collections.abc import Iterator
from datetime import date

from msgspec import Struct, structs

from publisher.edition import Entry
from publisher.pages.sheet import NOT_MET, RENEWED, Light, Reach, Sheet
from publisher.pages.words import listings_of
from publisher.removals import Removal
from publisher.shown import as_one
from scoring.assess import (
    NEVER_LICENSED,
    NEWLY_OPENED,
    NO_RESULT,
    NOT_INSPECTED,
    NOT_MEASURED,
    NOT_SETTLED,
)
from scoring.words import number

HEADLINES = {
    "white": "On the white list",
    "watch": "On the watch list",
    "black": "On the black list",
    "none": "On none of the lists",
    "new": "Newly founded, not yet rated",
    "stopped": "It has stopped teaching",
}
MERGED = "A second registration"
NOT = {
    "white": "that its teaching is good, or that fees paid in advance are guaranteed.",
    "watch": "that it is closed or illegal. It leaves the list once it has put things right and this was checked.",
    "black": "that its teachers are untrustworthy, and says nothing of institutions with similar names.",
    "none": "that it is on the black list, or that anything serious is wrong.",
    "new": "that anything is wrong with it, nor that nothing is. A new institution needs its licence, account "
    "and insurance like any other.",
    "stopped": "that it broke the law, nor that fees were paid back. Paid for lessons not given? You can "
    "register for a refund.",
}
WORDS = {
    "办学许可": "Licence to teach",
    "履约和场所保险": "Insurance (contract and premises)",
    "预收费监管专户": "Supervised account for prepaid fees",
    "有效": "valid",
    "长期": "without an end",
    "没有登记到期日": "its end is not registered",
    "登记库里没有写它到哪天，请看证上的日期": "please look at the date on the licence",
    "在保": "insured",
    "30 日内到期": "ends within 30 days",
    "已过期": "expired",
    "没有许可": "none",
    "登记库里没有有效的办学许可证": "the register holds no valid licence",
    "保险": "Insurance",
    "保额不足": "for too little",
    "有的保险金额低于要求": "some sum insured is below what is required",
    "不齐全": "incomplete",
    "有的教学点不在承保范围内": "not every place of teaching is covered",
    "只有一部分险种在保": "only some of the covers are in force",
    "未投保": "not insured",
    "已到期": "ended since",
    "不要求": "not required",
    "不预收费": "takes no fees in advance",
    "已关闭": "closed",
    "未开立": "none opened",
    "已开立": "open",
    "月报逾期": "monthly report overdue",
}
UNRATED = {
    NEVER_LICENSED: "The register holds no licence of it, so it is not rated.",
    NEWLY_OPENED: "It is newly founded and has no grade yet.",
    NOT_INSPECTED: "It was not inspected lately and has no grade.",
    NO_RESULT: "No inspection of it is decided yet, so it has no grade.",
    NOT_SETTLED: "What its inspection found is not decided yet, so it has no grade.",
    NOT_MEASURED: "Its last inspection was not recorded in full, so it has no grade.",
}
SIGNS = {
    "列入": "listed",
    "否决": "limits the grade",
    "标记": "noted",
    "不重复": "counted elsewhere",
    "不计": "not counted",
}
# What a condition of the white list asks for, by its kind.
CONDITIONS = {
    "licence": "A licence to teach in force",
    "registration": "A registration as a legal person in force",
    "annual_inspection": "The last annual inspection passed",
    "no_overdue": "No correction overdue",
    "no_record": "No record of a grave fault",
    "inspected": "Inspected on the spot lately",
    "platform": "On the national platform of supervision",
    "custody": "Prepaid fees in a supervised account",
    "cover": "Insurance in force for contract and premises",
    "grade": "A grade that the white list admits",
}
LISTS = {"black": "the black list", "watch": "the watch list"}
ENDED = {
    "expired": "its term was over",
    "lifted": "a decision ended it early",
    "repaired": "its credit was repaired",
}
CONTACTS = {
    "咨询电话": "Inquiries",
    "投诉电话": "Complaints",
    "电话": "Telephone",
    "网站": "Website",
    "电子邮箱": "E-mail",
    "微信公众号": "WeChat account",
    "通信地址": "Postal address",
}
TAGS = {
    "white": "White list",
    "watch": "Watch list",
    "black": "Black list",
    "none": "On no list",
    "new": "New, not yet rated",
    "stopped": "Stopped",
    "gone": "Entry withdrawn",
}
MEANINGS = {
    "white": "It meets every condition of the white list. This is no judgement of its teaching.",
    "watch": "Something is being put right, under the eyes of the authority.",
    "black": "Listed by a decision of its own. Please pay it no fees.",
    "none": "It does not meet some condition of the white list, and is on no other list.",
    "new": "Newly founded; it has no grade yet.",
    "stopped": "It has suspended or ended its teaching. Please pay it no fees.",
}
STOPPED = {"suspended": "suspended its teaching", "closed": "closed for good"}
MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
_DAY = re.compile(r"(\d{4})年(\d{1,2})月(\d{1,2})日")


class Read(Struct, frozen=True, kw_only=True):
    """A light in English; `chinese` marks a detail that is a name and stays as it is."""

    key: str
    what: str
    word: str
    detail: str
    chinese: bool


class Reading(Struct, frozen=True, kw_only=True):
    """What the page says in English of a sheet; what the institution shows of itself was `declared` by a day."""

    headline: str
    sentence: str
    means_not: str
    lights: tuple[Read, ...]
    alerts: tuple[tuple[str, str], ...]
    reasons: tuple[tuple[str, str, bool], ...]
    missing: tuple[str, ...]
    total: str
    visited: str
    contacts: tuple[Reach, ...]
    declared: str


def english_day(day: date) -> str:
    """A day as it is written in English: 5 November 2026."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def gone_reading(removal: Removal) -> dict[str, str]:
    """What is said in English of an institution whose entry was taken down: word, sentence, what it does not mean."""
    on = english_day(removal.on)
    if removal.how == "withdrawn":
        said = f"On {on} its entry was withdrawn.", "that it broke the law."
    else:
        said = (
            f"Since {on} what was published of it is shown no longer.",
            "that it is on the white list now.",
        )
    return {"word": TAGS["gone"], "sentence": said[0], "means_not": said[1]}


def removed_reading(removal: Removal) -> str:
    """What is said in English of a removal from a list, or of a record, where the institution has its entry still."""
    on, place = english_day(removal.on), LISTS.get(removal.listed, "")
    if removal.how == "withdrawn":
        what = f"its entry on {place}" if place else "a record of it"
        return f"On {on} {what} was withdrawn. This does not mean that it broke the law."
    what = f"it was removed from {place}" if place else "a record of it was taken from view"
    return f"On {on} {what}: {ENDED[removal.how]}."


def reading(entry: Entry, sheet: Sheet, on: date) -> Reading:
    """The sheet of an entry, cut off on a day, in English."""
    visits = [one.on for one in entry.facts.inspections if one.on <= on]
    running = {one.text for one in sheet.alerts if not one.over}
    return Reading(
        headline=MERGED if entry.merged is True else HEADLINES[sheet.plate.key],
        sentence=_sentence(entry, on),
        means_not=_means_not(entry, sheet),
        lights=tuple(_light(one) for one in sheet.lights),
        alerts=tuple(
            (one.text, english_day(one.until)) for one in entry.alerts or () if one.text in running
        ),
        reasons=tuple(_reasons(sheet)),
        missing=tuple(_missing(entry, sheet)),
        total=_total(entry, sheet),
        contacts=tuple(structs.replace(one, what=CONTACTS[one.what]) for one in sheet.contacts),
        declared=english_day(on),
        visited=_visited(entry, visits),
    )


def _visited(entry: Entry, visits: list[date]) -> str:
    if visits:
        return f"Last inspected on {english_day(max(visits))}."
    if entry.merged is True:
        return f"Its inspections stand under {entry.successor}."
    return "No inspection of it is published yet. This does not mean that something is wrong, nor that nothing is."


def _means_not(entry: Entry, sheet: Sheet) -> str:
    if sheet.warned:
        return "that it is open as usual. Follow the risk alert."
    if entry.merged is True:
        return "that it has stopped teaching, nor that anything is wrong with it."
    said = NOT[sheet.plate.key]
    return said if entry.facts.status == "active" else said.replace("closed or illegal", "illegal")


def _sentence(entry: Entry, on: date) -> str:
    rating, listings = entry.rating, listings_of(entry, on)
    stopped = STOPPED.get(entry.facts.status, "")
    if listing := as_one(listings):
        since, until = english_day(listing.effective_on), english_day(listing.until)
        own = (
            "a decision of its own"
            if len(listings) == 1
            else f"{len(listings)} decisions of their own"
        )
        said = f"Listed from {since} until {until}, by {own}."
        if stopped:
            said = f"{said} It has {stopped}."
        return f"{said} Please pay it no fees." if stopped or rating.status == "black" else said
    if entry.merged is True:
        return f"As of {english_day(on)} this number is a second registration of {entry.successor}. Please look there."
    if stopped:
        return f"As of {english_day(on)} the register says that it has {stopped}. Please pay it no fees."
    if rating.status == "white":
        return f"As of {english_day(on)} it meets every condition of the white list. Grade {rating.grade}."
    if rating.status == "new" and entry.facts.opened_on:
        return f"Founded on {english_day(entry.facts.opened_on)}; it has no grade yet."
    failed = sum(not one.met for one in rating.conditions)
    if failed and not rating.not_rated_because:
        conditions = "one condition" if failed == 1 else f"{failed} conditions"
        return f"As of {english_day(on)} it does not meet {conditions} of the white list."
    because = UNRATED.get(rating.not_rated_because, "The reason stands on the Chinese page.")
    return f"As of {english_day(on)} it is not on any list. {because}"


def _reasons(sheet: Sheet) -> Iterator[tuple[str, str, bool]]:
    """What counts and what lists it, as on the Chinese page: points or what stands for them, what, disputed."""
    for one in sheet.lines:
        yield SIGNS.get(one.points, one.points), one.title, one.disputed
    for one in sheet.listings:
        yield SIGNS[one.points], f"{one.title}：{one.statement.rstrip('。')}", one.disputed


def _missing(entry: Entry, sheet: Sheet) -> Iterator[str]:
    """The conditions of the white list that it does not meet; of a grade nobody has given nothing is said."""
    if sheet.plate.key != "stopped":
        for one, (word, *_) in zip(entry.rating.conditions, sheet.conditions, strict=True):
            if word == NOT_MET:
                yield CONDITIONS[one.code]


def _total(entry: Entry, sheet: Sheet) -> str:
    """What the records come to; why whoever is listed has no grade, which of others the plate says."""
    if entry.rating.base is None:
        return UNRATED.get(entry.rating.not_rated_because, "") if sheet.listings else ""
    if sheet.vetoed:
        return (
            f"Grade {entry.rating.grade}, whatever the points: one of the records above limits it."
        )
    score = number(entry.rating.score)
    if not sheet.grade:
        return f"{score} points." if score else ""
    return (
        f"{score} points, grade {entry.rating.grade}." if score else f"Grade {entry.rating.grade}."
    )


def _light(one: Light) -> Read:
    said = one.detail.replace(f"止，{RENEWED}", "; ask to see whether it was renewed")
    detail, found = _DAY.subn(_english, said)
    detail = WORDS.get(detail, detail)
    if found:
        detail = re.sub(
            r"^至 ?", "until ", re.sub(r"止$", "", re.sub(r"^最近一次 ", "last one ", detail))
        )
    detail = "never reported" if detail == "还没有报送过" else detail
    return Read(
        key=one.key,
        what=WORDS.get(one.what, one.what),
        word=WORDS.get(one.word, one.word),
        detail=detail,
        chinese=not detail.isascii(),
    )


def _english(found: re.Match[str]) -> str:
    year, month, day = (int(part) for part in found.groups())
    return english_day(date(year, month, day))
