"""What the API answers: an allow-list, each value with the edition it is taken from."""

from datetime import date
from typing import Annotated, Literal

from msgspec import Meta, Raw, Struct

from publisher.changes import Change
from publisher.edition import Manifest
from publisher.figures import Figure

Status = Literal["white", "watch", "black", "none", "new"]


class EditionRef(Struct, frozen=True, kw_only=True):
    """The edition an answer is taken from."""

    name: Annotated[str, Meta(description="版次，如 2026-11；增补的如 2026-11.1")]
    label: Annotated[str, Meta(description="写给人看的版次")]
    cut_off: Annotated[date, Meta(description="数据截止日")]
    released_on: Annotated[date, Meta(description="发布日")]
    digest: Annotated[str, Meta(description="edition.json 的 SHA-256，网页和 PDF 印着同一个")]


class InstitutionLine(Struct, frozen=True, kw_only=True):
    """One institution in a list."""

    id: str
    name: str
    jurisdiction: Annotated[str, Meta(description="主管区域的编号，名称见版次的 jurisdictions")]
    code: Annotated[str, Meta(description="统一社会信用代码；没有登记的为空")]
    address: str
    kind: Annotated[str, Meta(description="类别，如 培训机构")]
    subject: Annotated[str, Meta(description="科目，如 体育")]
    status: Status
    grade: Annotated[
        str,
        Meta(
            description="信用等级；N 是未评，S 是停办；列入黑名单而从未取得许可的、并入另一个编号的，不写等级"
        ),
    ]
    score: Annotated[str, Meta(description="分数，十进制文字；没有评分的为空")]


class FoundLine(Struct, frozen=True, kw_only=True):
    """One institution that a search found."""

    id: str
    name: str
    jurisdiction: str
    code: str
    address: str
    status: Status
    why: Annotated[str, Meta(description="不是按现名找到的，写明按什么找到")]
    found: Annotated[str, Meta(description="按曾用名、招牌名、教学点找到的，是哪一个")]


class Search(Struct, frozen=True, kw_only=True):
    """What a search found, the nearest first; `total` says how many there are in all, or with `more` at least."""

    edition: EditionRef
    query: str
    total: int
    more: Annotated[bool, Meta(description="实际的家数是不是比 total 还多（没有全部数过）")]
    alike: Annotated[int, Meta(description="前几家名称相近、不是同一家，请并排列出")]
    guessed: Annotated[bool, Meta(description="没有这个号码，列出的是差一位的")]
    near: Annotated[bool, Meta(description="没有这个名称，列出的只是读音或者写法相近")]
    items: tuple[FoundLine, ...]


class Institutions(Struct, frozen=True, kw_only=True):
    """A page of institutions in order of number; `next` begins the next page."""

    edition: EditionRef
    items: tuple[InstitutionLine, ...]
    next: str | None


class Institution(Struct, frozen=True, kw_only=True):
    """One institution as an edition published it, and in two sentences what that means."""

    edition: EditionRef
    past: Annotated[bool, Meta(description="是不是已经不是现行的版次")]
    headline: Annotated[str, Meta(description="如 在白名单内")]
    sentence: Annotated[str, Meta(description="状态，一句话，带日期")]
    means_not: Annotated[str, Meta(description="这不表示什么")]
    alerts: Annotated[
        tuple[str, ...], Meta(description="现在有效的风险提示；有的，请写在状态前面，以它为准")
    ]
    entry: Annotated[Raw, Meta(description="entries.jsonl 里的那一行")]


Said = Literal["white", "watch", "black", "none", "new", "absent", "gone", "unsaid"]


class HistoryLine(Struct, frozen=True, kw_only=True):
    """What one edition said; `absent` where it did not know the institution, `gone` where its entry was withdrawn.

    `unsaid` is where an entry was withdrawn so long ago that nobody is told whose it was.
    """

    edition: str
    released_on: date
    status: Said
    grade: str
    score: str
    corrected_by: Annotated[str, Meta(description="更正这一版的版次；没有更正的为空")] = ""
    should_be: Annotated[str, Meta(description="更正后是什么，如 none A；没有更正的为空")] = ""


class History(Struct, frozen=True, kw_only=True):
    """What the editions said of an institution, the newest first."""

    institution: str
    items: tuple[HistoryLine, ...]
    next: str | None


class EditionLine(Struct, frozen=True, kw_only=True):
    """An edition and how many stand on its lists."""

    edition: EditionRef
    policy: str
    counts: dict[str, int]


class Editions(Struct, frozen=True, kw_only=True):
    """The editions, the newest first."""

    items: tuple[EditionLine, ...]
    next: str | None


class EditionWhole(Struct, frozen=True, kw_only=True):
    """An edition's manifest, which never changes."""

    edition: EditionRef
    manifest: Manifest


class ChangeLine(Struct, frozen=True, kw_only=True):
    """One change, and the edition that made it."""

    edition: str
    released_on: date
    change: Change


class ChangesSince(Struct, frozen=True, kw_only=True):
    """What the editions after `since` changed, the oldest first."""

    since: str
    until: str
    items: tuple[ChangeLine, ...]
    next: str | None


class Statistics(Struct, frozen=True, kw_only=True):
    """The counts that were released with an edition, each a table."""

    edition: EditionRef
    figures: tuple[Figure, ...]
