"""What is said of an institution that was removed: from which list, on which day, and what it does not mean."""

from collections.abc import Iterable

from publisher.pages.words import Plate
from publisher.removals import Removal
from scoring.words import chinese

LISTS = {"black": "黑名单", "watch": "重点关注名单"}
ENDED = {"expired": "期满移出", "lifted": "提前移出", "repaired": "因信用修复移出"}
STOPPED = {
    "expired": "公示期满，停止公示",
    "lifted": "提前移出，停止公示",
    "repaired": "信用修复，停止公示",
}


def gone_plate(removal: Removal) -> Plate:
    """The plate that stands where there is no entry any more."""
    return Plate(
        key="gone",
        word=gone_word(removal),
        date=chinese(removal.on),
        after=_after(removal),
        means_not="它曾经违法。" if removal.how == "withdrawn" else "它现在列入白名单。",
    )


def gone_word(removal: Removal) -> str:
    """What happened, in a few words."""
    place = LISTS.get(removal.listed, "")
    if removal.how == "withdrawn":
        return f"{place}记录已撤回"
    return f"已移出{place}" if place else "记录已停止公示"


def gone_sentence(removal: Removal) -> str:
    """The same in one sentence with its day."""
    return f"{chinese(removal.on)}{_after(removal)}"


def notices(removals: Iterable[Removal], institution: str) -> tuple[tuple[str, str], ...]:
    """What was removed of an institution that still has its entry, the newest first: word and sentence."""
    own = removals_of(removals, institution)
    return tuple((gone_word(one), gone_sentence(one)) for one in own)


def removals_of(removals: Iterable[Removal], institution: str) -> list[Removal]:
    """What was removed of an institution, the newest first."""
    own = [one for one in removals if one.institution == institution]
    return sorted(own, key=lambda one: one.order, reverse=True)


def _after(removal: Removal) -> str:
    if removal.how == "withdrawn":
        return f"撤回。{removal.reason.rstrip('。')}。"
    return f"{(ENDED if removal.listed in LISTS else STOPPED)[removal.how]}。"
