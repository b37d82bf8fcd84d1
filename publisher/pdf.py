"""The lists on paper: tagged PDF (PDF/UA-1), the same bytes for the same edition on any day."""

import gc
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager, nullcontext
from datetime import date
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import msgspec
from msgspec import UNSET, Struct, structs

from publisher.edition import Edition, Entry, Jurisdiction, Manifest
from publisher.fast_table import Ink, blocks_of, finisher
from publisher.kept import Kept
from publisher.print.compact import faces, fits
from publisher.print.engine import (
    PrintingUnavailable,
    check_printing,
    require_printing,
    typeset_in_parts,
)
from publisher.print.fonts import Face
from publisher.print.frame import Piece, Said, pieces
from publisher.print.frame import fits as frame_fits
from publisher.print.plan import HEAD_FACE, Column, District, Page, paginate
from publisher.print.rows import COLUMNS, WORDS, ListName, Row, Section, cells, sections
from publisher.print.seal import Seal, grouped
from scoring.words import chinese

__all__ = [
    "Paper",
    "PrintingUnavailable",
    "Row",
    "Section",
    "check_printing",
    "edition_pdfs",
    "print_paper",
    "printers",
    "render_pdf",
]
FICTION = "演示数据"
# With a longer name among them all columns of the title page's table are equally wide.
NARROW = 8
# How high that table may be without its head and sum, in mm, and how many signs a name has room for on a line.
HIGHEST = 57
# What a further line of the text above it takes of that.
LINE = 12
SIGNS = {1: 28, 2: 9, 3: 8}
# Fewer rows than that are printed before a process of its own would have read its fonts.
FEW = 500
# How many pages are laid out together.
AT_ONCE = 50
# About as wide as the ideographic space that stands there in the stylesheet, and drawn by one glyph.
WIDE = "    "


class Paper(Struct, frozen=True, kw_only=True):
    """Everything one list says; two equal papers have equal bytes.

    `withdrawn` are those whom it no longer lists; None where only the number of the whole city was signed.
    """

    title: str
    list_name: ListName
    organ: str
    edition_label: str
    digest: str
    cut_off: date
    released_on: date
    fictional: bool
    sections: tuple[Section, ...]
    institutions: int | None = None
    withdrawn: int | None = 0
    conditions: tuple[str, ...] = ()

    @property
    def rows(self) -> int:
        """How many institutions it lists."""
        return sum(len(one.rows) for one in self.sections)


def printers(processes: int = 2) -> Executor:
    """Processes that print papers; each is started when it is first needed, and reads its fonts once."""
    return ProcessPoolExecutor(processes, mp_context=get_context("spawn"))


def edition_pdfs(
    edition: Edition,
    folder: Path,
    processes: int = 2,
    *,
    kept: Kept | None = None,
    pool: Executor | None = None,
) -> list[Path]:
    """Writes `white.pdf`, `watch.pdf`, `black.pdf`, and one of each per jurisdiction under `pdf/`.

    By `pool`, or by processes of its own; by one alone, and where there is little to print, it is done here.
    A paper that says the same as the one in the folder of `kept` is taken over from there.
    """
    require_printing()
    (folder / "pdf").mkdir(parents=True, exist_ok=True)
    jobs = [(folder / name, paper) for name, paper in _to_print(edition, folder, kept)]
    # The longest first, so that no process ends alone with it.
    order = sorted(jobs, key=lambda job: -job[1].rows)
    if processes == 1 or sum(paper.rows for _, paper in jobs) < FEW:
        for path, paper in order:
            print_paper(path, paper)
    elif order:
        with nullcontext(pool) if pool else printers(processes) as printing:
            list(printing.map(print_paper, *zip(*order, strict=True)))
    return [folder / name for list_name in WORDS for name in _names(edition.manifest, list_name)]


def render_pdf(
    edition: Edition, folder: Path, *, kept: Kept | None = None, pool: Executor | None = None
) -> None:
    """Writes every paper of an edition."""
    edition_pdfs(edition, folder, kept=kept, pool=pool)


def _to_print(edition: Edition, folder: Path, kept: Kept | None) -> Iterator[tuple[str, Paper]]:
    """The papers that cannot be taken over from `kept`; a list on which the same entries stand says the same."""
    for list_name in WORDS:
        left, old = set(_names(edition.manifest, list_name)), dict[str, Paper]()
        if kept and kept.edition.lines_on(list_name) == edition.lines_on(list_name):
            left = {one for one in left if not kept.take_paper(one, folder)}
        elif kept:
            old = dict(papers(kept.edition, list_name))
        if not left:
            continue
        for name, paper in papers(edition, list_name):
            said = kept is not None and old.get(name) == paper
            if name in left and not (kept and said and kept.take_paper(name, folder)):
                yield name, paper


def _names(manifest: Manifest, list_name: ListName) -> list[str]:
    """The files of a list: the whole city, then each jurisdiction."""
    return [
        f"{list_name}.pdf",
        *(f"pdf/{list_name}-{one.id}.pdf" for one in manifest.jurisdictions),
    ]


def papers(edition: Edition, list_name: ListName) -> Iterator[tuple[str, Paper]]:
    """A list of an edition with its files' names: the whole city, then each jurisdiction."""
    manifest = edition.manifest
    found = tuple(sections(edition, list_name))
    white = edition.lines_on("white")[:1] if list_name == "white" else ()
    listed = msgspec.json.decode(white[0], type=Entry) if white else None
    whole = Paper(
        title=re.sub(r"(?:信用)?名单$", "", manifest.title) + WORDS[list_name],
        list_name=list_name,
        organ=manifest.organ,
        edition_label=manifest.label,
        digest=edition.digest,
        cut_off=manifest.cut_off,
        released_on=manifest.released_on,
        fictional=manifest.fictional,
        sections=found,
        institutions=manifest.registered,
        withdrawn=edition.withdrawn_from(list_name),
        conditions=tuple(one.title for one in listed.rating.conditions) if listed else (),
    )
    parts = (
        structs.replace(
            whole,
            title=f"{whole.title}（{place.name}）",
            organ=place.organ,
            sections=(section,),
            institutions=None if place.counts is UNSET else sum(place.counts.values()),
            withdrawn=_gone(place, section, list_name),
        )
        for place, section in zip(manifest.jurisdictions, found, strict=False)
    )
    yield from zip(_names(manifest, list_name), (whole, *parts), strict=True)


def _gone(place: Jurisdiction, section: Section, name: ListName) -> int | None:
    """How many stood on a list of one place when it was signed and are listed no more; None where it is not known."""
    return None if place.counts is UNSET else place.counts.get(name, 0) - len(section.rows)


def print_paper(path: Path, paper: Paper, *, plain: bool = False) -> None:
    """Writes one paper; pages with a character outside the fonts are drawn slowly, whole."""
    require_printing()
    columns = COLUMNS[paper.list_name]
    districts = _districts(paper)
    known = faces(fits(_characters(districts)))
    chosen = [known[one.face] for one in columns]
    _teach(known, chosen, columns, districts)
    pages = paginate(districts, columns, chosen, flow=_flows(paper))
    frames = () if plain else _frames(paper, pages, known)
    ink = Ink(columns, known, pages, frames)
    blocks = {} if plain else blocks_of(pages, ink)
    values: dict[str, Any] = {
        **_cover(paper),
        "columns": columns,
        "pages": _shown(pages, blocks),
        "framed": bool(frames),
        "running": WORDS[paper.list_name] if _flows(paper) else "",
    }
    shown = values["pages"]
    # Only where the pages draw their own heads and feet does a page know nothing of the others.
    step = AT_ONCE if frames else max(len(shown), 1)
    parts = (
        values | {"cover": not at, "pages": shown[at : at + step]}
        for at in range(0, max(len(shown), 1), step)
    )
    with _uncollected():
        typeset_in_parts(path, "list.html", parts, images=dict(blocks), finish=finisher(blocks))


@contextmanager
def _uncollected() -> Iterator[None]:
    """A long table makes many objects that all stay to the end; to look for garbage among them is in vain."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def _flows(paper: Paper) -> bool:
    return paper.list_name != "white"


def _frames(
    paper: Paper, pages: Sequence[Page], known: Mapping[str, Face]
) -> tuple[tuple[Piece, ...], ...]:
    """The running heads and feet of all pages; none where one page has to be set the careful way, which sets them too."""
    if any(page.strange for page in pages):
        return ()
    said = Said(
        paper.title,
        f"{paper.edition_label}{WIDE}数据截至{chinese(paper.cut_off)}",
        f"校验码 {grouped(paper.digest)[:19]}{WIDE}{FICTION if paper.fictional else ''}".rstrip(),
    )
    running = WORDS[paper.list_name] if _flows(paper) else ""
    found = tuple(
        pieces(said, running or page.parts[0].heading, number, 1 + len(pages))
        for number, page in enumerate(pages, 2)
    )
    return found if all(frame_fits(one, known) for one in found) else ()


def _districts(paper: Paper) -> list[District]:
    found = []
    for section in paper.sections:
        rows = [cells(row, i, paper.list_name) for i, row in enumerate(section.rows, 1)]
        if rows:
            note = f"{len(rows):,} 家"
            found.append(District(heading=section.heading, note=note, rows=rows))
    return found


def _characters(districts: Sequence[District]) -> set[str]:
    """Every character that stands in a table."""
    lines = (line for one in districts for row in one.rows for cell in row for line in cell)
    return set().union(*lines)


def _teach(
    known: Mapping[str, Face],
    chosen: Sequence[Face],
    columns: Sequence[Column],
    districts: Sequence[District],
) -> None:
    """Lets each face look at what it will draw."""
    for one in districts:
        for face, cell in zip(chosen, zip(*one.rows, strict=True), strict=True):
            face.learn({sign for paragraphs in cell for text in paragraphs for sign in text})
    for column in columns:
        known[HEAD_FACE].learn(column.title)


def _shown(pages: Sequence[Page], blocks: object) -> list[dict[str, object]]:
    """The pages as the template sees them: a part is an image's address or lines."""
    names = blocks if isinstance(blocks, dict) else {}
    return [
        {
            "parts": [
                {
                    "heading": part.heading if part.first else "",
                    "note": part.note,
                    "image": name if (name := f"rows:{number}.{index}") in names else "",
                    "lines": part.lines,
                }
                for index, part in enumerate(page.parts)
            ]
        }
        for number, page in enumerate(pages)
    ]


def _cover(paper: Paper) -> dict[str, object]:
    word = WORDS[paper.list_name]
    total = paper.rows
    counted, counts = _counts(paper)
    pairs = max(map(len, counts), default=1)
    digest = grouped(paper.digest)
    return {
        "title": paper.title,
        "named": tuple(re.split("(?=（)", paper.title, maxsplit=1)),
        "word": word,
        "organ": paper.organ,
        "edition": paper.edition_label,
        "cut_off": chinese(paper.cut_off),
        "released": paper.released_on,
        "released_on": chinese(paper.released_on),
        "fiction": FICTION if paper.fictional else "",
        "opening": _opening(paper, total),
        "paragraphs": _paragraphs(paper),
        "counted": counted,
        "counts": counts,
        "pairs": pairs,
        "roomy": any(len(name) > NARROW for row in counts for name, _ in row),
        "total": f"{total:,}",
        "digest": (digest[:19], digest[20:]),
        "seal": Seal.of(paper.organ, paper.edition_label, paper.released_on, paper.digest),
    }


def _opening(paper: Paper, total: int) -> str:
    word, gone = WORDS[paper.list_name], paper.withdrawn or 0
    among = f"登记的机构共{paper.institutions:,}家，其中" if paper.institutions is not None else ""
    so = "符合白名单全部条件" if paper.list_name == "white" else f"经决定列入{word}"
    if total:
        more = f"另有{gone:,}家{so}的，条目已依法撤下。" if gone else ""
        return f"{among}{total:,}家{so}，现予公布。{more}"
    if gone:
        return f"{among}{gone:,}家{so}的，条目都已依法撤下。"
    # Where no number was signed nobody can tell afterwards whether a withdrawn entry was on it.
    return f"本期没有列入{word}的机构。" if paper.withdrawn == 0 else f"本期{word}没有列出机构。"


def _paragraphs(paper: Paper) -> tuple[str, ...]:
    if paper.list_name == "watch":
        return (
            "列入重点关注名单，提示家长留意，不是处罚，也不表示它已经停办或者违法。"
            "每一家都有单独的列入决定，写明文号、机关和依据。",
            "改正并经核对的，或者期满的，从下一版移出。"
            "对列入有异议的，可以向作出决定的机关提出；异议期间记录旁有标注。",
        )
    if paper.list_name == "black":
        return (
            "每一家都有单独的列入决定，写明文号、机关和依据。分数低不会自动列入。"
            "期满或者撤回的，从下一版移出，并在网站写明。",
            "对列入有异议的，可以向作出决定的机关提出；异议期间记录旁有标注。",
        )
    many = len(paper.conditions)
    met = f"{'、'.join(paper.conditions)}，{many}项条件" if many else "政策规定的条件"
    return (
        f"列入白名单，表示{met}都符合要求；不表示对教学质量的评价，也不为预付学费提供担保。",
        "名单每月发布一次。撤回和更正随时在网站公布，以网站为准。",
    )


def _counts(paper: Paper) -> tuple[str, list[list[tuple[str, str]]]]:
    """The title page's table: by district, or by kind when there is one district."""
    if len(paper.sections) > 1:
        named, counted = [(one.heading, len(one.rows)) for one in paper.sections], "区域"
    else:
        kinds = Counter(row.kind or "其他" for one in paper.sections for row in one.rows)
        named, counted = sorted(kinds.items(), key=lambda one: (-one[1], one[0])), "类别"
    room = HIGHEST - 12 * (len(paper.title) // 29) - (LINE if paper.withdrawn else 0)
    pairs = _pairs([name for name, _ in named], room)
    if not pairs:  # more than the title page holds: the tables say it
        return counted, []
    deep = -(-len(named) // pairs)
    cell = [(name, f"{number:,}") for name, number in named]
    cell += [("", "")] * (deep * pairs - len(cell))
    return counted, [cell[row::deep] for row in range(deep)]


def _pairs(names: Sequence[str], room: float) -> int:
    """How many pairs of columns the title page's table has in that height (mm); 0 where it does not fit."""
    usual = 1 if len(names) < 5 else 2 if len(names) < 19 else 3
    for pairs in (usual, 1, 2) if names else ():
        deep = -(-len(names) // pairs)
        rows = [names[row::deep] for row in range(deep)]
        lines = (max(-(-len(name) // SIGNS[pairs]) for name in row) for row in rows)
        if sum(6.3 + 4.8 * (many - 1) for many in lines) <= room:
            return pairs
    return 0
