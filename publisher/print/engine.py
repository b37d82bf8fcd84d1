"""What papers are made with: whether it is all on this machine, and HTML → tagged PDF."""

import atexit
import contextlib
import gc
import io
import logging
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from publisher.print.compact import faces, install
from publisher.print.fonts import MONO, RARE, SANS, SERIF, Face, font_configuration
from publisher.print.hastened import hasten
from publisher.print.lines import visible

FOLDER = Path(__file__).parent
PANGO = (
    "缺少排版用的 Pango 库，不能生成 PDF。"
    "请安装 Debian 软件包 libpango-1.0-0 和 libpangoft2-1.0-0。"
)
SUBSET = (
    "缺少字体裁剪库，生成 PDF 会慢十倍，字节也会不同。请安装 Debian 软件包 libharfbuzz-subset0。"
)
FONT = "缺少中文字体“{}”，或者它没有“{}”。请安装 Debian 软件包 fonts-noto-cjk。"


class PrintingUnavailable(Exception):
    """This machine lacks what papers are made with; each problem names the package to install."""

    def __init__(self, problems: list[str]) -> None:
        """Keeps the problems and says them all."""
        self.problems = problems
        super().__init__("".join(problems))


def check_printing() -> list[str]:
    """What is missing for PDF, a sentence each; empty when papers can be made."""
    # Without its libraries WeasyPrint prints advice in English, then fails.
    with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            from weasyprint.text import ffi
        except OSError:
            return [PANGO]
    problems = [] if ffi.harfbuzz_subset is not None else [SUBSET]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns when there is no font at all
        fonts = font_configuration()
    for family, weight in ((SANS, 400), (SANS, 700), (MONO, 400), (SERIF, 400), (SERIF, 700)):
        face = Face(fonts, family, weight)
        face.learn(RARE)
        lacking = "".join(one for one in RARE if one not in face.glyphs)
        if lacking:
            problems.append(FONT.format(family, lacking))
            break
    return problems


@cache
def require_printing() -> None:
    """Raises PrintingUnavailable unless papers can be made; looks once in a process."""
    if problems := check_printing():
        raise PrintingUnavailable(problems)
    # A missing glyph is a known case here, and the log is no place for names.
    logging.getLogger("weasyprint").setLevel(logging.CRITICAL)
    logging.getLogger("fontTools").setLevel(logging.CRITICAL)


@cache
def environment() -> Environment:
    """The papers' templates; everything a template shows is escaped."""
    return Environment(loader=FileSystemLoader(FOLDER), autoescape=True, undefined=StrictUndefined)


def typeset(
    path: Path,
    template: str,
    values: Mapping[str, object],
    *,
    images: dict[str, object] | None = None,
    finish: Callable[..., None] | None = None,
) -> None:
    """Writes a template as PDF/UA-1; nothing but data: addresses is ever fetched."""
    typeset_in_parts(path, template, [values], images=images, finish=finish)


def typeset_in_parts(
    path: Path,
    template: str,
    parts: Iterable[Mapping[str, object]],
    *,
    images: dict[str, object] | None = None,
    finish: Callable[..., None] | None = None,
) -> None:
    """The same of a long paper, laid out part by part, each of which begins on a page of its own.

    Laying out costs by the square of the pages that are laid out at once. What the paper says of itself is
    said by its first part.
    """
    made = environment().get_template(template)
    kept = images or {}
    documents = [_rendered(made.render(one), kept, [paper_sheet()]) for one in parts]
    whole = documents[0]
    if len(documents) > 1:
        whole = whole.copy([page for one in documents for page in one.pages])
    hasten()
    whole.write_pdf(path, finisher=finish, cache=kept, pdf_variant="pdf/ua-1")


def set_page(text: str, sheets: Sequence[object] = ()) -> bytes:
    """A whole HTML text as PDF/UA-1, without marks that cannot be seen; raises PrintingUnavailable."""
    require_printing()
    made: bytes = _rendered(visible(text), {}, sheets).write_pdf(pdf_variant="pdf/ua-1")
    return made


@cache
def paper_sheet() -> object:
    """The papers' stylesheet, read once in a process."""
    from weasyprint import CSS

    return CSS(
        string=(FOLDER / "paper.css").read_text("utf-8"),
        font_config=font_configuration(),
        url_fetcher=_fetcher(),
    )


def _rendered(text: str, images: dict[str, object], sheets: Sequence[object]) -> Any:
    from weasyprint import HTML

    install()
    return HTML(string=text, url_fetcher=_fetcher()).render(
        font_config=font_configuration(),
        stylesheets=list(sheets),
        cache=images,
        pdf_variant="pdf/ua-1",
    )


def _fetcher() -> object:
    from weasyprint.urls import URLFetcher

    return URLFetcher(allowed_protocols={"data"})


@atexit.register
def _let_go() -> None:
    """Gives fonts back while Pango is loaded: the interpreter unloads it first, and then falls over what is left."""
    for kept in (paper_sheet, faces, font_configuration):
        kept.cache_clear()
    gc.collect()
