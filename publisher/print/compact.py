"""The papers' fonts cut to the characters that papers are made of, once in a process.

The whole fonts have 65,000 glyphs, and a part of them keeps a place for each: 140 kB a font and a seventh of a second
a paper, whatever it says. Cut to a fixed repertoire first they cost a fifth of that. A character outside the repertoire
is drawn with the whole font, which stands next in the stylesheet.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any, NamedTuple

from publisher.print.fonts import MONO, RARE, SANS, SERIF, Face, font_configuration

SCHEME = "font:"
# What alternate, upright and kerned forms would need; a line of a table has none.
DROPPED = (b"BASE", b"GPOS", b"GSUB", b"VORG", b"vhea", b"vmtx")


class Cut(NamedTuple):
    """A font of the machine, and what its cut is called in stylesheets."""

    family: str
    weight: int
    name: str


HEI, SONG, EVEN = "Xinyong Hei", "Xinyong Song", "Xinyong Mono"
CUTS = (
    Cut(SANS, 400, HEI),
    Cut(SANS, 700, HEI),
    Cut(SERIF, 400, SONG),
    Cut(SERIF, 700, SONG),
    Cut(MONO, 400, EVEN),
)


@cache
def repertoire() -> frozenset[str]:
    """GB 2312, Latin letters, general punctuation, and rare characters of real names: the same on any machine."""
    pairs = (bytes((row, cell)) for row in range(0xA1, 0xF8) for cell in range(0xA1, 0xFF))
    han = {one for pair in pairs for one in pair.decode("gb2312", "ignore")}
    blocks = (range(0x20, 0x7F), range(0xA0, 0x180), range(0x2010, 0x2044))
    return frozenset(han | set(RARE) | {chr(one) for block in blocks for one in block})


def fits(characters: set[str]) -> bool:
    """Whether the cut fonts draw every character."""
    return characters <= repertoire()


@cache
def install() -> None:
    """Makes the cut fonts known to Pango under their own names, through a stylesheet's @font-face."""
    from weasyprint import CSS
    from weasyprint.urls import URLFetcher, URLFetcherResponse

    made = {f"{SCHEME}{number}": _cut(one) for number, one in enumerate(CUTS)}

    class Made(URLFetcher):  # type: ignore[misc] # WeasyPrint has no types
        """Fetches the fonts made here, and nothing else."""

        def fetch(self, url: str, headers: Mapping[str, str] | None = None) -> Any:
            return URLFetcherResponse(url, made[url])

    rules = (
        f'@font-face {{ font-family: "{one.name}"; font-weight: {one.weight}; src: url({url}); }}'
        for one, url in zip(CUTS, made, strict=True)
    )
    CSS(string="\n".join(rules), font_config=font_configuration(), url_fetcher=Made())


def _cut(one: Cut) -> bytes:
    """The font with the glyphs of the repertoire alone, numbered anew."""
    from weasyprint.text.ffi import ffi, harfbuzz, harfbuzz_subset
    from weasyprint.text.fonts import get_hb_object_data, get_pango_font_hb_face

    face = Face(font_configuration(), one.family, one.weight)
    face.learn("信")
    wanted = ffi.gc(
        harfbuzz_subset.hb_subset_input_create_or_fail(), harfbuzz_subset.hb_subset_input_destroy
    )
    tags = [harfbuzz.hb_tag_from_string(tag, -1) for tag in DROPPED]
    for kind, numbers in (
        (harfbuzz_subset.HB_SUBSET_SETS_UNICODE, map(ord, repertoire())),
        (harfbuzz_subset.HB_SUBSET_SETS_DROP_TABLE_TAG, tags),
    ):
        array = ffi.new("hb_codepoint_t[]", sorted(numbers))
        chosen = harfbuzz_subset.hb_subset_input_set(wanted, kind)
        harfbuzz.hb_set_add_sorted_array(chosen, array, len(array))
    flags = harfbuzz_subset.HB_SUBSET_FLAGS_DESUBROUTINIZE
    harfbuzz_subset.hb_subset_input_set_flags(wanted, flags)
    source = get_pango_font_hb_face(face.pango_font)
    cut = ffi.gc(harfbuzz_subset.hb_subset_or_fail(source, wanted), harfbuzz.hb_face_destroy)
    made: bytes = get_hb_object_data(cut)
    return made


@cache
def faces(cut: bool) -> Mapping[str, Face]:
    """The faces of a table (running text, names, numbers of equal width) and of heads; cut fonts or whole."""
    install()
    fonts = font_configuration()
    text, song, mono = (HEI, SONG, EVEN) if cut else (SANS, SERIF, MONO)
    return {
        "text": Face(fonts, text, 400),
        "bold": Face(fonts, text, 700),
        "mono": Face(fonts, mono, 400),
        "song": Face(fonts, song, 700),
    }
