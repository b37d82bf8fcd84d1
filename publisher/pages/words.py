"""What a page says of an institution's standing: one sentence, one date, and what it does not mean."""

from datetime import date

from msgspec import Struct

from publisher.edition import Entry
from scoring.facts import Listing
from scoring.words import chinese, score_words

TAGS = {
    "white": "白名单",
    "watch": "重点关注",
    "black": "黑名单",
    "none": "未列入",
    "new": "新设未评",
    "unknown": "查无登记",
    "gone": "已移出",
}
PLATES = {
    "white": "在白名单内",
    "watch": "在重点关注名单内",
    "black": "在黑名单内",
    "none": "未列入任何名单",
    "new": "新设机构，尚未评定",
}


class Plate(Struct, frozen=True, kw_only=True):
    """The status plate: shape, word, grade, and a sentence cut around its date."""

    key: str
    word: str
    grade: str = ""
    before: str = ""
    date: str = ""
    after: str = ""
    means_not: str


def listing_of(entry: Entry) -> Listing | None:
    """The list decision the status rests on."""
    return next((one for one in entry.facts.listings if one.id == entry.rating.listing), None)


def plate(entry: Entry, on: date) -> Plate:
    """The plate of an entry of the edition cut off on a day."""
    status = entry.rating.status
    listing = listing_of(entry)
    if status in ("black", "watch") and listing:
        return _listed(entry, listing)
    if status == "white":
        return _plain(
            entry,
            on,
            f"，本机构列入白名单，信用等级 {entry.rating.grade} 级。",
            "教学质量有保证，也不为您预付的学费作担保。名单每月更新一次，以最新一版为准。",
        )
    if status == "new" and entry.facts.opened_on:
        return Plate(
            key="new",
            word=PLATES["new"],
            date=chinese(entry.facts.opened_on),
            after="设立，时间不长，还没有等级。",
            means_not="它有问题，也不表示它没有问题。新设机构同样要有许可、专户和保险。",
        )
    return _plain(
        entry,
        on,
        _why_not(entry),
        "它在黑名单里，也不等于有严重问题。",
    )


def _plain(entry: Entry, on: date, after: str, means_not: str) -> Plate:
    rated = entry.rating.base is not None
    return Plate(
        key=entry.rating.status,
        word=PLATES[entry.rating.status],
        grade=entry.rating.grade if rated else "",
        before="截至 ",
        date=chinese(on),
        after=after,
        means_not=means_not,
    )


def _listed(entry: Entry, listing: Listing) -> Plate:
    black = listing.list == "black"
    reason = listing.reason.rstrip("。")
    warning = "请不要向它交费。" if black else ""
    disputed = "本机构已提出异议，正在复核。" if listing.disputed else ""
    return Plate(
        key=listing.list,
        word=PLATES[listing.list],
        grade=entry.rating.grade if entry.rating.base is not None else "",
        date=chinese(listing.effective_on),
        after=f"起列入，至 {chinese(listing.until)}。原因：{reason}。{warning}{disputed}",
        means_not="它的教师个人失信，也不涉及名称相近的其他机构。"
        if black
        else "它已经停办或者违法。改正并经核对后，从下一版起移出。",
    )


def _why_not(entry: Entry) -> str:
    rating = entry.rating
    failed = [one for one in rating.conditions if not one.met]
    if rating.not_rated_because:
        return f"，{rating.not_rated_because.rstrip('。')}。"
    if failed:
        said = "；".join(one.sentence.rstrip("。") for one in failed)
        return f"，有 {len(failed)} 项白名单条件不符合：{said}。"
    return f"，信用等级 {rating.grade}，{score_words(rating)} 分。这份评分办法不设白名单。"
