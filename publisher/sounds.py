"""How names sound: syllables without tones, as they are typed, and as they are confused."""

from functools import cache, lru_cache
from itertools import islice, product

# Of all characters with several readings, those of which names are read in more than one way; in order of use.
_SEVERAL = {
    sign: tuple(read.split("/"))
    for sign, read in (
        one.split(":")
        for one in [
            "行:xing/hang",
            "长:chang/zhang",
            "乐:le/yue",
            "重:chong/zhong",
            "朝:chao/zhao",
            "曾:zeng/ceng",
            "晟:sheng/cheng",
            "单:dan/shan",
            "传:chuan/zhuan",
            "弹:tan/dan",
            "调:diao/tiao",
            "都:du/dou",
            "还:huan/hai",
            "会:hui/kuai",
            "落:luo/la",
            "率:lv/shuai",
            "校:xiao/jiao",
            "种:zhong/chong",
            "薄:bo/bao",
            "藏:cang/zang",
            "车:che/ju",
            "称:cheng/chen",
            "降:jiang/xiang",
            "角:jiao/jue",
            "解:jie/xie",
            "露:lu/lou",
            "奇:qi/ji",
            "切:qie/qi",
            "色:se/shai",
            "盛:sheng/cheng",
            "似:si/shi",
            "省:sheng/xing",
            "石:shi/dan",
            "柏:bai/bo",
            "查:cha/zha",
            "翟:zhai/di",
            "仇:qiu/chou",
            "盖:gai/ge",
            "区:qu/ou",
            "尉:wei/yu",
            "缪:miao/mou",
            "乘:cheng/sheng",
            "给:gei/ji",
            "没:mei/mo",
            "得:de/dei",
            "地:di/de",
            "著:zhu/zhuo",
            "塞:sai/se",
            "厦:sha/xia",
            "埔:pu/bu",
            "堡:bao/pu",
            "圳:zhen/quan",
            "绿:lv/lu",
            "六:liu/lu",
            "沈:shen/chen",
            "覃:qin/tan",
            "参:can/shen",
            "贾:jia/gu",
            "便:bian/pian",
            "万:wan/mo",
            "祭:ji/zhai",
            "戏:xi/hu",
        ]
    )
}
# Of a text that can be read in more ways, the first ones are filed.
WAYS = 8
LONGEST = 6
_CONFUSED = (("zh", "z"), ("ch", "c"), ("sh", "s"))
_FINALS = (("ang", "an"), ("eng", "en"), ("ing", "in"))


@lru_cache(maxsize=32768)
def readings(sign: str) -> tuple[str, ...]:
    """The syllables of a character, the commonest first; a sign that has none is its own."""
    from pypinyin import lazy_pinyin

    if sign in _SEVERAL:
        return _SEVERAL[sign]
    found = lazy_pinyin(sign, errors="ignore")
    return (found[0].replace("ü", "v"),) if found and found[0] else (sign,)


@cache
def alike(syllable: str) -> str:
    """The syllable as it is confused: 心 and 星, 思 and 诗 are one."""
    for one, two in _CONFUSED:
        if syllable.startswith(one):
            syllable = two + syllable[2:]
    for one, two in _FINALS:
        if syllable.endswith(one):
            syllable = syllable.removesuffix(one) + two
    return syllable


@lru_cache(maxsize=32768)
def heard(sign: str) -> frozenset[str]:
    """The syllables of a character as they are confused."""
    return frozenset(alike(one) for one in readings(sign))


def first_letters(text: str, ways: int = WAYS) -> list[str]:
    """The initials of a text in a row, for each of the first ways to read it."""
    letters = [tuple(dict.fromkeys(one[0] for one in readings(sign))) for sign in text]
    # The first sign varies fastest: it is the one that is typed.
    return ["".join(one[::-1]) for one in islice(product(*letters[::-1]), ways)]


@cache
def syllables() -> frozenset[str]:
    """Every syllable there is."""
    from pypinyin.constants import PINYIN_DICT
    from pypinyin.contrib.tone_convert import to_normal

    marked = {one for many in PINYIN_DICT.values() for one in many.split(",")}
    plain = {to_normal(one).replace("ü", "v") for one in marked}
    return frozenset(
        one for one in plain if one.isascii() and one.isalpha() and len(one) <= LONGEST
    )


@cache
def beginnings() -> frozenset[str]:
    """Every beginning of a syllable: what is there while one is being typed."""
    return frozenset(one[:end] for one in syllables() for end in range(1, len(one) + 1))


def cuts(letters: str, most: int = 8) -> list[tuple[str, ...]]:
    """The ways to read letters as syllables, the longest first; the last may be half typed."""
    found: list[tuple[str, ...]] = []
    dead: set[int] = set()

    def read(at: int, so_far: tuple[str, ...]) -> bool:
        if at == len(letters):
            found.append(so_far)
            return True
        if at in dead or len(found) >= most:
            return False
        fits = False
        for end in range(min(len(letters), at + LONGEST), at, -1):
            part = letters[at:end]
            known = part in syllables() and (len(part) > 1 or part in "aeo")
            if known or (end == len(letters) and so_far and part in beginnings()):
                fits = read(end, (*so_far, part)) or fits
        if not fits and len(found) < most:
            dead.add(at)
        return fits

    if letters:
        read(0, ())
    return found
