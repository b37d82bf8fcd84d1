"""What a page says of an institution's standing: one sentence, one date, and what it does not mean."""

import re
from datetime import date

from msgspec import Struct, structs

from publisher.edition import Entry
from publisher.shown import as_one, shown_grade
from scoring.assess import listings_on
from scoring.facts import Facts, Listing
from scoring.policy import Unrated
from scoring.words import chinese, score_words

TAGS = {
    "white": "白名单",
    "watch": "重点关注",
    "black": "黑名单",
    "none": "未列入",
    "new": "新设未评",
    "unknown": "查无登记",
    "gone": "已移出",
    "stopped": "已停办",
}
PLATES = {
    "white": "在白名单内",
    "watch": "在重点关注名单内",
    "black": "在黑名单内",
    "none": "未列入任何名单",
    "new": "新设机构，尚未评定",
    "stopped": "已停办",
}
# What an alert adds nothing to: nobody takes it for a recommendation.
DISSUADING = ("black", "stopped")
_BREAKS = re.compile("(?<=关注)(?=名单)|(?=任何名单)")
# What the kinds of training institutions have in common; schools and kindergartens charge by the term.
_TRAINING = "培训"
STOPPED = {"suspended": "已停办", "closed": "已终止办学"}


class Plate(Struct, frozen=True, kw_only=True):
    """The status plate: shape, word, grade, and a sentence cut around its date."""

    key: str
    word: str
    grade: str = ""
    before: str = ""
    date: str = ""
    after: str = ""
    means_not: str

    @property
    def parts(self) -> list[str]:
        """The word, cut where a line of a narrow page may break."""
        return _BREAKS.split(self.word)


def listings_of(entry: Entry, on: date) -> tuple[Listing, ...]:
    """Every decision that keeps an institution on its list on a day, the earliest first."""
    return listings_on(entry.facts.listings, entry.rating.status, on)


def shown_status(status: str, grade: str, unrated: Unrated) -> str:
    """The key of the status as it is shown: who is on no list because it has stopped is `stopped`."""
    return "stopped" if status == "none" and grade == unrated.suspended_grade else status


def grade_word(grade: str, unrated: Unrated) -> str:
    """A grade under its heading: the letter, or the word for what stands in place of one."""
    return {unrated.suspended_grade: "停办", unrated.grade: "未评"}.get(grade, grade)


def grade_words(grade: str, unrated: Unrated) -> str:
    """A grade in a sentence: a letter with 级, or the word for what stands in place of one."""
    word = grade_word(grade, unrated)
    return level_words(word) if word == grade else word


def level_words(grade: str) -> str:
    """A grade that somebody has: a letter with 级; a word as it is, 一级 or 无违规.

    >>> level_words("A"), level_words("一级"), level_words("12 分及以上")
    ('A 级', '一级', '12 分及以上')
    """
    is_letter = 0 < len(grade) <= 2 and not grade.endswith("级")
    return f"{grade} 级" if is_letter else grade


def stood(standing: str, unrated: Unrated) -> str:
    """`white A` → 白名单 A 级, `white A 96` → 白名单 A 级 96 分, `none S` → 已停办; empty where nobody stood."""
    status, _, rest = standing.partition(" ")
    grade, _, score = rest.partition(" ")
    if status not in PLATES:
        return ""
    shown = shown_status(status, grade, unrated)
    word, level = TAGS[shown], grade_words(grade, unrated)
    if not level or shown in ("new", "stopped"):
        return word
    said = f"{word} {level}" if level.startswith(grade) else f"{word}，{level}"
    return f"{said} {score} 分" if score else said


def plate(entry: Entry, on: date, warned: date | None = None) -> Plate:
    """The plate of an entry of the edition cut off on a day.

    `warned` is the day of a risk alert that runs now, and stands above the plate.
    """
    made = _plate(entry, on)
    if warned is None or made.key in DISSUADING:
        return made
    later = "上面的风险提示发生在此之后。" if warned > on else ""
    return structs.replace(
        made, after=f"{made.after}{later}", means_not="它现在正常经营。以风险提示为准。"
    )


def _plate(entry: Entry, on: date) -> Plate:
    status = entry.rating.status
    listing = as_one(listings_of(entry, on))
    if listing:
        return _listed(entry, listing)
    if entry.merged is True:
        return Plate(
            key="stopped",
            word="重复的登记",
            before="截至 ",
            date=chinese(on),
            after=f"，这个编号是同一家机构的第二个登记，已并入 {entry.successor}。它现在怎样，请看那一页。",
            means_not="它停办了，也不表示它有问题。记录、等级和名单都在并入的那个编号下。",
        )
    if entry.facts.status != "active":
        word = STOPPED[entry.facts.status]
        return Plate(
            key="stopped",
            word=word,
            before="截至 ",
            date=chinese(on),
            after=f"，登记库里这家机构{word}，不再评定等级。请不要再向它交费。",
            means_not="它违法，也不表示学费已经退清。交过费还没有上完课的，可以登记退费。",
        )
    if status == "white":
        return _plain(
            entry,
            on,
            f"，本机构列入白名单，信用等级 {level_words(entry.rating.grade)}。",
            "教学质量有保证，也不为您预付的学费作担保。名单每月更新一次，以最新一版为准。",
        )
    if status == "new" and entry.facts.opened_on:
        return _new(entry, entry.facts.opened_on)
    return _plain(
        entry,
        on,
        _why_not(entry),
        "它在黑名单里，也不等于有严重问题。",
    )


def _new(entry: Entry, opened_on: date) -> Plate:
    licensed = min((one.since for one in entry.facts.licences), default=None)
    what = "取得办学许可" if licensed == opened_on else "设立"
    return Plate(
        key="new",
        word=PLATES["new"],
        date=chinese(opened_on),
        after=f"{what}，时间不长，还没有等级。",
        means_not="它有问题，也不表示它没有问题。新设机构同样要有许可、专户和保险。",
    )


def _plain(entry: Entry, on: date, after: str, means_not: str) -> Plate:
    return Plate(
        key=entry.rating.status,
        word=PLATES[entry.rating.status],
        grade=_grade(entry),
        before="截至 ",
        date=chinese(on),
        after=after,
        means_not=means_not,
    )


def _listed(entry: Entry, listing: Listing) -> Plate:
    """The plate of whoever is on a list."""
    black = listing.list == "black"
    reason = listing.reason.rstrip("。")
    stopped = STOPPED.get(entry.facts.status, "")
    warning = "请不要向它交费。" if black or stopped else ""
    disputed = "本机构已提出异议，正在复核。" if listing.disputed else ""
    return Plate(
        key=listing.list,
        word=PLATES[listing.list],
        grade=shown_grade(listing.list, _grade(entry), licensed=bool(entry.facts.licences)),
        date=chinese(listing.effective_on),
        after=f"起列入，至 {chinese(listing.until)}。原因：{reason}。"
        f"{f'本机构{stopped}。' if stopped else ''}{warning}{disputed}",
        means_not=_means_not(listing, stopped),
    )


def _grade(entry: Entry) -> str:
    return entry.rating.grade if entry.rating.base is not None else ""


def _means_not(listing: Listing, stopped: str) -> str:
    if listing.disputed:
        return "异议成立或者不成立。复核结果会写在这里。"
    if listing.list == "black":
        return "它的教师个人失信，也不涉及名称相近的其他机构。"
    closed = "" if stopped else "已经停办或者"
    return f"它{closed}违法。改正并经核对后，从下一版起移出。"


def fees(facts: Facts) -> str:
    """Whose rules bind what is paid: `prepaid` training, training paid `after` it, or a `school`.

    Of an unknown kind the narrower rules are told, those of training.
    """
    if facts.kind and _TRAINING not in facts.kind:
        return "school"
    return "prepaid" if facts.charges_in_advance else "after"


def _why_not(entry: Entry) -> str:
    rating = entry.rating
    failed = [one for one in rating.conditions if not one.met]
    if rating.not_rated_because:
        return f"，{rating.not_rated_because.rstrip('。')}。"
    if failed:
        said = "；".join(one.sentence.rstrip("。") for one in failed)
        return f"，有 {len(failed)} 项白名单条件不符合：{said}。"
    return f"，信用等级 {rating.grade}，{score_words(rating)} 分。这份评分办法不设白名单。"
