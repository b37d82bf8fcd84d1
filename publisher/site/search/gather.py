"""Who may be meant by a word: first who is called so, then who sounds so, then who is called nearly so."""

from collections.abc import Iterator
from itertools import chain
from typing import NamedTuple

from publisher.grams import pairs, sound_keys
from publisher.site.search.index import LOOKED_AT, Look, Numbers, common
from publisher.site.search.words import Word
from publisher.sounds import alike, heard

# Of one guess at a slip, so many are looked at.
OF_A_GUESS = 24
LICENCE = 6
# Lists longer than this are not merged for a district's sake.
MERGED = 5000


class Seen(NamedTuple):
    """Who holds the words, as far as their keys tell; `everywhere` besides the place that was chosen.

    `first` are those to be looked at, of so many as `total`.
    """

    first: Numbers
    total: int
    everywhere: Numbers
    is_exact: bool


def first_seen(look: Look, words: tuple[Word, ...]) -> Seen:
    """Who holds all words in a name, an address or otherwise, those in front who are first to be seen."""
    held = [(word, literal(look, word)) for word in words]
    if not held or not all(lists for _, lists in held):
        return Seen((), 0, (), is_exact=True)
    held.sort(key=lambda one: (one[0].is_place, sum(map(len, one[1]))))
    rarest, lists = held[0]
    found = merged(lists)
    for word, others in held[1:]:
        found = _of(look, found, word, merged(others)) if len(found) > LOOKED_AT else found
    is_exact = len(words) == 1 and len(rarest.units) <= 2 and len(lists) == 1
    here = look.here(found)
    if len(here) <= LOOKED_AT:
        return Seen(here, len(here), found, is_exact=is_exact)
    named = look.here(lists[0]) if len(words) == 1 else here
    spans = [look.index.layout.span(one) for word, _ in held for one in word.places]
    own = common(sorted(foremost(look, rarest)[:LOOKED_AT]), named)
    first = dict.fromkeys([*own, *look.inside(named, spans)[:LOOKED_AT], *named[:LOOKED_AT]])
    first |= dict.fromkeys(here[:LOOKED_AT])
    return Seen(list(first)[:LOOKED_AT], len(here), found, is_exact=is_exact)


def _of(look: Look, found: Numbers, word: Word, holding: Numbers) -> Numbers:
    """Those of many who hold another word too, or are of the place it names."""
    there = look.inside(found, map(look.index.layout.span, word.places))
    if word.is_place and (not word.places or len(found) > MERGED):
        return there or found
    return sorted({*there, *common(found, holding)}) if word.places else common(found, holding)


def merged(lists: list[Numbers]) -> Numbers:
    """Who is in one of the lists."""
    if len(lists) == 1:
        return lists[0]
    return sorted(set().union(*lists))


def literal(look: Look, word: Word) -> list[Numbers]:
    """Lists of who holds the word in a name, an address or otherwise, the most telling first."""
    found: list[Numbers] = []
    if len(word.units) == 1 and not word.plain.isdigit():
        found.append(look.beginning(f"n{word.plain}"))
    else:
        found.append(look.all_of([f"n{one}" for one in pairs(word.plain)]))
        found.append(look.all_of([f"a{one}" for one in pairs(word.plain)]))
    if word.plain.isdigit() and len(word.plain) >= LICENCE:
        found.append(look.beginning(f"l{word.plain}"))
    elif any(len(one) >= LICENCE and one.isdigit() for one in word.units):
        digits = next(one for one in word.units if len(one) >= LICENCE and one.isdigit())
        found.append(look.under(f"l{digits}"))
    found.append(look.under(f"k{word.plain}"))
    if not any(map(len, found)):
        found += [look.of_place(one) for one in word.places]
    return [one for one in found if len(one)]


def foremost(look: Look, word: Word) -> Numbers:
    """Whose own word is this word, or sounds so: to be seen among however many."""
    own = word.own
    if not own:
        return ()
    sound = "h" + "".join(sorted(heard(one))[0] for one in own)
    # Its own in front; there may be more that sound so than are looked at.
    both = chain(look.here(look.under(f"c{own}")), look.here(look.under(sound)))
    return list(dict.fromkeys(both))


def loose(look: Look, word: Word) -> Numbers:
    """Who is called so with gaps, or by sound, or by initials."""
    if word.is_latin:
        return _by_sound(look, word)
    keys = [
        f"n{key}"
        for piece in word.pieces
        if piece.sort in ("own", "trade")
        for key in pairs(piece.text)
        if len(piece.text) > 1
    ]
    spans = [look.index.layout.span(one) for piece in word.pieces for one in piece.places]
    if keys:
        found = look.all_of(keys)
    else:
        single = next((one.text for one in word.pieces if one.sort == "own"), "")
        found = look.beginning(f"n{single}") if single else ()
    if not found:
        letters = next((one.text for one in word.pieces if one.sort == "latin"), "")
        found = _initials(look, letters) if letters and not keys else ()
    if spans and len(found) > LOOKED_AT:
        return list(dict.fromkeys([*look.inside(found, spans), *found[:LOOKED_AT]]))
    return found


def _by_sound(look: Look, word: Word) -> Numbers:
    found: set[int] = set()
    places = word.pieces[0].places if word.pieces[0].sort == "place" else ()
    for cut in word.cuts:
        found.update(_syllables(look, cut))
    if len(word.pieces) > 1:
        from publisher.sounds import cuts

        for cut in cuts(word.pieces[1].text):
            found.update(_syllables(look, cut))
    found.update(_initials(look, word.plain))
    numbers = sorted(found)
    spans = [look.index.layout.span(one) for one in places]
    if spans and len(numbers) > LOOKED_AT:
        return [*look.inside(numbers, spans), *numbers[:LOOKED_AT]]
    return numbers


def _syllables(look: Look, cut: tuple[str, ...]) -> Numbers:
    """The last syllable may be half typed, so that no key ends with it; two are wanted, or one begins."""
    whole = [alike(one) for one in cut]
    keys = [f"p{one} {two}" for one, two in zip(whole, whole[1:], strict=False)]
    many = look.many(keys)
    there = [one for one in keys if many[one]]
    if keys and not many[keys[-1]] and len(keys) > 1:
        return look.all_of(keys[:-1]) if all(many[one] for one in keys[:-1]) else ()
    if keys:
        return look.all_of(keys) if len(there) == len(keys) else look.beginning(f"p{keys[0][1:]}")
    return look.beginning(f"p{whole[0]} ")


def _initials(look: Look, letters: str) -> Numbers:
    """By the letters from the first, or behind those of a place, as in nbxdf."""
    if len(letters) < 2:
        return ()
    found = list(look.beginning(f"i{letters}"))
    for called in look.index.places.initials:
        rest = letters[len(called) :]
        if letters.startswith(called) and len(rest) > 1:
            found += look.beginning(f"i{rest}")
    return found


def near(look: Look, word: Word) -> Numbers:
    """Who is called so but for one sign: another one, one more, one less, two swapped."""
    signs = word.rest if len(word.rest) >= 2 else word.plain
    if len(signs) < 2 or word.is_latin:
        return ()
    guesses = [one for one in _guesses(signs) if one]
    many = look.many({key for one in guesses for key in one})
    wanted = {}
    for guess in guesses:
        if all(many[key] for key in guess):
            rarest = tuple(sorted(guess, key=lambda key: many[key])[:2])
            wanted[rarest] = min(many[key] for key in rarest)
    found: dict[int, None] = {}
    for rarest in sorted(wanted, key=lambda one: wanted[one]):
        some = look.here(look.all_of(rarest))
        found |= dict.fromkeys(some[:OF_A_GUESS] if len(rarest) < 2 else some[: 2 * OF_A_GUESS])
        if len(found) >= LOOKED_AT // 2:
            break
    return list(found)


def _guesses(signs: str) -> Iterator[set[str]]:
    """For each slip there may be, the keys under which who is meant is filed all the same."""
    long = len(signs)
    couples = [f"n{signs[at : at + 2]}" for at in range(long - 1)]
    yield set(sound_keys(signs)) if long < 3 else _heard_by(signs)
    for at in range(long - 1):
        before, after = set(couples[: max(at - 1, 0)]), set(couples[at + 2 :])
        swapped = {f"n{signs[at + 1]}{signs[at]}"}
        yield before | after | swapped
    if long < 3:
        return
    for at in range(long):
        apart = {*couples[: max(at - 1, 0)], *couples[at + 1 :]}
        ends = at in (0, long - 1)
        bridge = signs[at - 1 : at] + signs[at + 1 : at + 2]
        yield apart if ends else apart | {f"s{bridge}"}
        if not ends:
            yield apart | {f"n{bridge}"}
    for at in range(long - 1):
        yield {*couples[:at], *couples[at + 1 :], f"s{signs[at : at + 2]}"}


def _heard_by(signs: str) -> set[str]:
    """One way to read it, which is enough where the sounds are common."""
    read = [sorted(heard(one))[0] for one in signs]
    return {f"p{one} {two}" for one, two in zip(read, read[1:], strict=False)}
