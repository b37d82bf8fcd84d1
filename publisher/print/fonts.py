"""The fonts of the papers, asked of Pango: which glyph draws a character and how wide it is."""

import unicodedata
from collections.abc import Iterable
from functools import cache
from typing import Protocol

SANS = "Noto Sans CJK SC"
SERIF = "Noto Serif CJK SC"
MONO = "Noto Sans Mono CJK SC"
# Characters of real names and places that thin fonts lack.
RARE = "㙦𠮷䶮堃碶澥甽"
PX_PER_PT = 96 / 72
PX_PER_MM = 96 / 25.4
SIZE = 8.6 * PX_PER_PT
SCALE = 1024


class FontMap(Protocol):
    """WeasyPrint's FontConfiguration, as far as it is needed here."""

    font_map: object


class Face:
    """One font at the table's size; a character it does not draw alone is unknown to it."""

    def __init__(self, fonts: FontMap, family: str, weight: int) -> None:
        """Loads the family; whether the machine has it shows in what the face knows."""
        from weasyprint.text.ffi import ffi, gobject, pango

        self.family = family
        self.glyphs: dict[str, int] = {}
        self.advances: dict[str, float] = {}
        self.pango_font: object = None
        self._asked: set[str] = set()
        context = ffi.gc(
            pango.pango_font_map_create_context(fonts.font_map), gobject.g_object_unref
        )
        pango.pango_context_set_round_glyph_positions(context, False)
        language = ffi.new("char[]", b"zh-hans")
        pango.pango_context_set_language(context, pango.pango_language_from_string(language))
        wanted = ffi.gc(pango.pango_font_description_new(), pango.pango_font_description_free)
        name = ffi.new("char[]", family.encode())
        pango.pango_font_description_set_family(wanted, name)
        pango.pango_font_description_set_weight(wanted, weight)
        pango.pango_font_description_set_absolute_size(wanted, SIZE * SCALE)
        self._layout = ffi.gc(pango.pango_layout_new(context), gobject.g_object_unref)
        pango.pango_layout_set_auto_dir(self._layout, False)
        pango.pango_layout_set_font_description(self._layout, wanted)

    def learn(self, characters: Iterable[str]) -> None:
        """Asks Pango once about every character not asked about before."""
        fresh = sorted(one for one in set(characters) - self._asked if ordinary(one))
        self._asked.update(fresh)
        if not fresh:
            return
        # Spaces keep neighbours from joining into one glyph or kerning each other.
        text = " " + " ".join(fresh) + " "
        for character, glyph, advance in self._shaped(text):
            self.glyphs[character] = glyph
            self.advances[character] = advance

    def knows(self, text: str) -> bool:
        """Whether every character of a learned text is drawn by one glyph of this font."""
        return self.glyphs.keys() >= set(text)

    def width(self, text: str) -> float:
        """How far the text advances, in px; an unknown character counts as two full ones."""
        try:
            return sum(map(self.advances.__getitem__, text))
        except KeyError:
            return sum(self.advances.get(one, 2 * SIZE) for one in text)

    def _shaped(self, text: str) -> list[tuple[str, int, float]]:
        from weasyprint.text.ffi import ffi, pango

        raw = text.encode()
        pango.pango_layout_set_text(self._layout, ffi.new("char[]", raw), len(raw))
        character_at = {}
        position = 0
        for character in text:
            character_at[position] = character
            position += len(character.encode())
        ink, logical = ffi.new("PangoRectangle *"), ffi.new("PangoRectangle *")
        found: dict[str, list[tuple[int, float]]] = {}
        run = pango.pango_layout_get_line_readonly(self._layout, 0).runs[0]
        while run != ffi.NULL:
            item, run = run.data, run.next
            font = item.item.analysis.font
            if font == ffi.NULL or _family(font) != self.family:
                continue
            # One key of a font map gives one object, so the last seen stands for all.
            self.pango_font = font
            for number in range(item.glyphs.num_glyphs):
                glyph = item.glyphs.glyphs[number].glyph
                if glyph == pango.PANGO_GLYPH_EMPTY or glyph & pango.PANGO_GLYPH_UNKNOWN_FLAG:
                    continue
                pango.pango_font_get_glyph_extents(font, glyph, ink, logical)
                character = character_at[item.item.offset + item.glyphs.log_clusters[number]]
                found.setdefault(character, []).append((glyph, logical.width / SCALE))
        return [(one, *drawn[0]) for one, drawn in found.items() if one == " " or len(drawn) == 1]


def _family(font: object) -> str:
    from weasyprint.text.ffi import ffi, pango

    described = ffi.gc(
        pango.pango_font_describe_with_absolute_size(font), pango.pango_font_description_free
    )
    return str(ffi.string(pango.pango_font_description_get_family(described)).decode())


@cache
def ordinary(character: str) -> bool:
    """Whether a character stands alone, from left to right, and is seen."""
    return character == " " or (
        unicodedata.category(character)[0] in "LNPS"
        and not unicodedata.combining(character)
        and unicodedata.bidirectional(character) not in ("R", "AL", "AN", "BN")
    )


@cache
def font_configuration() -> FontMap:
    """The machine's fonts, read once in a process."""
    from weasyprint.text.fonts import FontConfiguration

    made: FontMap = FontConfiguration()
    return made
