"""Whether and how an institution is meant by a word, as far as a search has gone by then."""

from collections.abc import Iterable
from typing import NamedTuple

from publisher.filing import Line, read
from publisher.grams import pairs, sound_of, units
from publisher.site.search.doc import Doc
from publisher.site.search.near import (
    FARTHEST,
    SAME_SOUND,
    STRANGE,
    by_letters,
    by_sound,
    cost,
    sign_cost,
    slips,
    spelled,
    strange,
)
from publisher.site.search.words import PART, Way, Word
from publisher.sounds import alike, cuts

LITERAL, LOOSE, NEAR = range(3)
GAP = 0.05
SOUND = 0.1
INITIALS = 0.2
# Read in a rarer way.
SECOND = 0.05
# A place that was named and is another one.
ELSEWHERE = 0.6
# The same own word in a name that does not hold what was typed: not meant, but taken for it.
NAMESAKE = FARTHEST + 0.1
# What a word was found in, the most telling first.
WEIGHT = {kind: place for place, kind in enumerate("NFBRLAKD")}


class Match(NamedTuple):
    """What a word was found in, at what cost and how; the least is the best."""

    cost: float
    weight: int
    line: Line
    how: str = ""


def of_word(word: Word, doc: Doc, stage: int) -> Match | None:
    """The best way in which a word fits, None where it does not."""
    found = _literal(word, doc)
    if found is None and stage >= LOOSE:
        found = _by_letters(word, doc) if word.is_latin else _by_pieces(word, doc)
        if found is None and not word.is_latin:
            found = _at_address(word, doc)
        if not word.is_latin and (found is None or found.cost > GAP):
            laid = _nearly(word, doc) if stage == NEAR else _same_sound(word, doc)
            if found is None or (laid is not None and laid < found):
                found = laid
    return found


def namesake(word: Word, doc: Doc) -> Match | None:
    """A name with the same own word."""
    for line in doc.names:
        if line.own == word.own:
            return Match(NAMESAKE, WEIGHT[line.kind], line, "namesake")
    return None


def kindred(typed: str, doc: Doc) -> Match:
    """The name that shares the most with what was typed, though it is another one."""
    parts = pairs(typed)
    return min(
        Match(
            NAMESAKE + sum(one not in line.plain for one in parts) / len(parts),
            WEIGHT[line.kind],
            line,
            "namesake",
        )
        for line in doc.names
    )


def _literal(word: Word, doc: Doc) -> Match | None:
    best: Match | None = None
    # No word holds what parts the lines, so that it is in one of them where it is in the text.
    for line in doc.lines if word.plain in doc.text else ():
        if word.plain in line:
            weight = WEIGHT[line[0]]
            if best is None or weight < best.weight:
                best = Match(0.0, weight, read(line), _door(word) if line[0] == "A" else "")
            if weight == 0:
                break
    if best is None and word.is_licence:
        best = _licence(word.number, doc)
    if best is None and word.is_place and doc.is_in(word.places, word.plain):
        best = Match(0.0, WEIGHT["D"], Line("D", word.plain))
    return best


def _licence(number: str, doc: Doc) -> Match | None:
    for line in doc.lines:
        if line[0] == "L" and number in units(line[1:]):
            return Match(0.0, WEIGHT["L"], read(line))
    return None


def _door(word: Word) -> str:
    """Whether the word says which door of a street is meant."""
    return "door" if any(one.isdigit() for one in word.units) else ""


def _by_letters(word: Word, doc: Doc) -> Match | None:
    place = word.pieces[0] if len(word.pieces) > 1 else None
    if place is not None and doc.is_in(place.places, place.text):
        rest = word.pieces[1].text
        found = _best(_heard(rest, cuts(rest), line) for line in doc.names)
        if found is not None:
            return found
    found = _best(_heard(word.plain, word.cuts, line) for line in doc.names)
    if found is not None:
        return found
    for called, ids in word.city.initials.items():
        rest = word.plain[len(called) :]
        if len(rest) > 1 and word.plain.startswith(called) and doc.is_in(ids, "\0"):
            for line in doc.names:
                if rest in spelled(line.plain).initials:
                    return Match(INITIALS, WEIGHT[line.kind], line, "initials")
                if by_letters(rest, line.plain):
                    return Match(INITIALS + SECOND, WEIGHT[line.kind], line, "initials")
    return None


def _heard(letters: str, ways: Iterable[tuple[str, ...]], line: Line) -> Match | None:
    """The letters as syllables or as initials of a row of signs."""
    spelt, weight = spelled(line.plain), WEIGHT[line.kind]
    if any(f" {' '.join(one)}" in spelt.sound for one in ways):
        return Match(SOUND, weight, line, "sound")
    if len(letters) > 1 and letters in spelt.initials:
        return Match(INITIALS, weight, line, "initials")
    if any(f" {' '.join(map(alike, one))}" in spelt.alike for one in ways):
        return Match(SOUND + SAME_SOUND, weight, line, "sound")
    # A sign that is read in two ways is seldom the only one.
    likely = (one for one in ways if sum(f" {s}" in spelt.sound for s in one) * 2 >= len(one))
    found = min((by_sound(one, line.plain) for one in likely), default=FARTHEST + 1)
    if found <= SAME_SOUND:
        return Match(SOUND + SECOND + found, weight, line, "sound")
    if 1 < len(letters) < 10 and by_letters(letters, line.plain):
        return Match(INITIALS + SECOND, weight, line, "initials")
    return None


def _by_pieces(word: Word, doc: Doc) -> Match | None:
    """宁波新东方, 新东方鄞州: every piece in one name, but for a place, which may be that of the institution."""
    best: Match | None = None
    for way in word.gapped:
        found = _by_way(way, word, doc)
        if found is not None and (best is None or found < best):
            best = found
    return best


def _at_address(word: Word, doc: Doc) -> Match | None:
    """鄞州新城大道23号, 百丈新城大道: the rest in an address of that place, whole or in two parts."""
    parts = units(word.rest)
    if len(parts) < PART or not all(doc.is_in(p.places, p.text) for p in word.somewhere):
        return None
    halves = [(word.rest, "")] if word.rest != word.plain else []
    halves += [
        ("".join(parts[:at]), "".join(parts[at:])) for at in range(PART, len(parts) - PART + 1)
    ]
    for line in doc.lines:
        for head, tail in halves if line[0] == "A" else ():
            _, found, after = line.partition(head)
            if found and tail in after:
                return Match(2 * GAP if tail else GAP, WEIGHT["A"], read(line), _door(word))
    return None


def _by_way(way: Way, word: Word, doc: Doc) -> Match | None:
    for text in way.texts:
        if text not in doc.text:
            return None
    for piece in way.places:
        if not doc.is_in(piece.places, piece.text):
            return None
    if not way.rest:
        return Match(GAP, WEIGHT["D"], Line("D", word.plain))
    return _best(_all_in(way, line) for line in doc.names)


def _all_in(way: Way, line: Line) -> Match | None:
    # Behind a place the rest may stand as it was typed, which is better than with gaps.
    total, how = GAP, ""
    if way.whole in line.plain:
        return Match(GAP / 2, WEIGHT[line.kind], line)
    for piece in way.rest:
        if piece.sort == "latin":
            found = _heard(piece.text, cuts(piece.text), line)
            if found is None and piece.text not in line.plain:
                return None
            if found is not None:
                total, how = total + found.cost, found.how
        elif piece.text not in line.plain:
            return None
    return Match(total, WEIGHT[line.kind], line, how)


def _same_sound(word: Word, doc: Doc) -> Match | None:
    """起航艺术: an own word that sounds so, and everything else as it was typed."""
    long = len(word.own)
    best: Match | None = None
    for line in doc.names if long > 1 else ():
        if len(line.own) == long and sound_of(line.own) == word.sound[1:]:
            found = _sounds(word, line, doc)
            if found is not None and (best is None or found < best):
                best = found
    return best


def _sounds(word: Word, line: Line, doc: Doc) -> Match | None:
    typed = word.rest.replace(word.own, line.own)
    if typed not in line.plain:
        return None
    found = sum(map(sign_cost, word.own, line.own))
    total = found + _missed(word, doc)
    return Match(total, WEIGHT[line.kind], line, "homophone" if found else "")


def _nearly(word: Word, doc: Doc) -> Match | None:
    missed = _missed(word, doc)
    best: Match | None = None
    for line in doc.names:
        found = _laid(word.rest, line, missed)
        if found is not None and (best is None or found < best):
            best = found
        if word.rest != word.plain:
            found = _laid(word.plain, line, 0.0)
            if found is not None and (best is None or found < best):
                best = found
    return best


def _missed(word: Word, doc: Doc) -> float:
    """What it costs that the institution is of another place than the word names."""
    return ELSEWHERE * sum(not doc.is_in(one.places, one.text) for one in word.somewhere)


def _laid(typed: str, line: Line, missed: float) -> Match | None:
    if len(typed) < 2:
        return None
    short = strange(typed, line.plain)
    if short > STRANGE:
        return None
    if not short and _in_halves(typed, line.plain):
        return Match(2 * GAP + missed, WEIGHT[line.kind], line)
    # Of a name of two signs one must be right.
    most = FARTHEST if len(typed) > 2 else 0.95
    found = cost(typed, line.plain, most, short)
    if found > most:
        return None
    how = "" if found == 0 else "homophone" if _is_sound(typed, line.plain, found) else "slip"
    return Match(found + missed, WEIGHT[line.kind], line, how)


def _in_halves(typed: str, plain: str) -> bool:
    """Whether the name holds it in two parts, neither of which is one sign."""
    for head, tail in slips(typed).parts[1:-1]:
        if head not in plain:
            return False  # nor does it hold any longer one
        if tail in plain:
            return True
    return False


def _is_sound(typed: str, plain: str, found: float) -> bool:
    """Whether the cost is that of signs with the same sound alone."""
    times = round(found / SAME_SOUND)
    return (abs(found - times * SAME_SOUND) < 1e-6 and times < 3) or 0.45 < found < 0.55


def _best(found: Iterable[Match | None]) -> Match | None:
    best: Match | None = None
    for one in found:
        if one is not None and (best is None or one < best):
            best = one
    return best
