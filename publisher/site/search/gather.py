"""Who may be meant by a word: first who is called so, then who sounds so, then who is called nearly so."""

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import chain, islice, pairwise
from typing import NamedTuple

from publisher.grams import pairs, sound_keys
from publisher.site.search.index import BROAD, LOOKED_AT, Look, Numbers, common
from publisher.site.search.words import LICENCE, Piece, Word
from publisher.sounds import alike, cuts, heard

# Of one guess at a slip, so many are looked at.
OF_A_GUESS = 40
# No name is so long; what is pasted is not guessed at.
LONGEST = 40
FOREMOST = 40
# Pairs of syllables of which a name is more than its own word and trade.
WHOLE_NAME = 4
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
    by_rarity = sorted(words, key=lambda word: (word.is_place, _many(look, word)))
    if not by_rarity:
        return Seen((), 0, (), is_exact=True)
    rarest, *others = by_rarity
    lists = literal(look, rarest)
    found = merged(lists)
    for word in others:
        if len(found) > LOOKED_AT:
            found = _of(look, found, word)
    is_exact = len(words) == 1 and len(rarest.units) <= 2 and len(lists) == 1
    here = look.here(found)
    if len(here) <= LOOKED_AT:
        return Seen(here, len(here), found, is_exact=is_exact)
    named = look.here(lists[0]) if len(words) == 1 else here
    own = common(sorted(foremost(look, rarest)), named)
    first = dict.fromkeys([*own, *look.front(named), *here[:LOOKED_AT]])
    return Seen(list(first)[:LOOKED_AT], len(here), found, is_exact=is_exact)


def _many(look: Look, word: Word) -> int:
    """About how many hold a word."""
    parts, many = pairs(word.plain), look.index.many
    return sum(min(many(f"{field}{one}") for one in parts) for field in "na")


def _of(look: Look, found: Numbers, word: Word) -> Numbers:
    """Those of many who hold another word too, or are of the place it names; what many hold is not read."""
    there = look.inside(found, map(look.index.layout.span, word.places))
    if len(found) > MERGED or _many(look, word) > 8 * max(len(found), MERGED):
        return there or found
    if word.is_place and not word.places:
        return found
    return sorted({*there, *common(found, merged(literal(look, word)))})


def erring(look: Look, words: tuple[Word, ...]) -> list[Word]:
    """The words that may be spelt otherwise: those that nobody holds as they are, or the rarest."""
    if len(words) == 1:
        return list(words)
    typed = [word for word in words if not word.is_place]
    many = {word.plain: _many(look, word) for word in typed}
    unknown = [word for word in typed if not many[word.plain]]
    return unknown or sorted(typed, key=lambda word: many[word.plain])[:1]


def merged(lists: list[Numbers]) -> Numbers:
    """Who is in one of the lists."""
    if len(lists) < 2:
        return lists[0] if lists else ()
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
    elif any(map(str.isdigit, word.units)):
        found.append(look.under(f"l{word.number}" if word.number else f"l{word.plain}"))
    found += [look.under(f"k{word.plain}"), look.under(f"k民办{word.plain}")]
    if not any(map(len, found)):
        found += [look.of_place(one) for one in word.places]
    return [one for one in found if len(one)]


def foremost(look: Look, word: Word) -> Numbers:
    """Whose own word is this word, or sounds so: to be seen among however many."""
    own = word.own
    if not own:
        return ()
    # Its own in front; there may be more that sound so than are looked at.
    lists = (look.front(look.under(key), FOREMOST) for key in (f"c{own}", word.sound))
    return list(islice(dict.fromkeys(chain.from_iterable(lists)), FOREMOST))


def loose(look: Look, word: Word) -> Numbers:
    """Who is called so with gaps, or by sound, or by initials."""
    if word.is_latin:
        return _by_sound(look, word)
    ways = [_by_way(look, way) for way in word.ways]
    if word.rest != word.plain:
        ways.insert(0, look.all_of([f"n{one}" for one in pairs(word.rest)]))
    ways += _addresses(look, word)
    lists = (look.front(one, LOOKED_AT // len(ways)) for one in ways)
    return look.first(chain.from_iterable(lists))


def kindred(look: Look, words: Iterable[Word]) -> Numbers:
    """Who bears an own word that was typed, or begins what was, however else they are called.

    They are read where nobody is called as was typed: 和丰科技培训中心 may be 和丰科技培训学校.
    """
    keys = (
        key for word in words for key in (_heads_heard(word) if word.is_latin else _heads(word))
    )
    lists = (look.under(key) for key in dict.fromkeys(keys) if look.index.many(key))
    return look.first(chain.from_iterable(map(look.front, lists)))


def _heads(word: Word) -> Iterator[str]:
    """Keys of own words: of each piece, the longest beginning first."""
    for piece in word.pieces:
        if piece.sort == "own":
            yield from (f"c{piece.text[:end]}" for end in range(len(piece.text), 1, -1))


def _heads_heard(word: Word) -> Iterator[str]:
    """The same by sound."""
    for cut in word.cuts:
        read = [alike(one) for one in cut]
        yield from (f"h{''.join(read[:end])}" for end in range(len(read), 1, -1))


def _addresses(look: Look, word: Word) -> Iterator[Numbers]:
    """Who is at an address without what leads it, as 鄞州新城大道, or with a gap, as 百丈新城大道."""
    keys = [f"a{one}" for one in pairs(word.rest)]
    if word.rest != word.plain:
        yield look.all_of(keys)
    for gap in range(1, len(keys) - 1):
        apart = keys[:gap] + keys[gap + 1 :]
        if all(map(look.index.many, apart)):
            yield look.all_of(apart)


def _by_way(look: Look, way: tuple[Piece, ...]) -> Numbers:
    """Who holds every piece but the places, as far as keys tell; letters beside signs may be anywhere in a name."""
    told = [piece.text for piece in way if piece.sort in ("own", "trade")]
    keys = [f"n{key}" for text in told if len(text) > 1 for key in pairs(text)]
    held = look.all_of(keys) if keys else look.beginning(f"n{told[0]}") if told else ()
    letters = next((one.text for one in way if one.sort == "latin"), "")
    if not letters:
        return held
    read = merged([*(_syllables(look, cut) for cut in cuts(letters)), _initials(look, letters)])
    return (common(read, held) or held) if told else read


def _by_sound(look: Look, word: Word) -> Numbers:
    """By each way to cut it into syllables, the likeliest first, and by its initials."""
    lists = [_syllables(look, cut) for cut in word.cuts]
    if len(word.pieces) > 1:
        lists += [_syllables(look, cut) for cut in cuts(word.pieces[1].text)]
    lists.append(_initials(look, word.plain))
    return look.first(chain.from_iterable(map(look.front, lists)))


def _syllables(look: Look, cut: tuple[str, ...]) -> Numbers:
    """Who is read so; the last syllable may be half typed, and then is only the beginning of a key."""
    whole = [alike(one) for one in cut]
    if len(whole) == 1:
        return look.beginning(f"p{whole[0]} ")
    keys = [f"p{one} {two}" for one, two in pairwise(whole)]
    if len(keys) == 1 and not look.index.many(keys[0]):
        return look.beginning(keys[0])
    found = look.all_of(keys) or look.all_of(keys[:-1])
    return found or (_most_of(look, keys) if len(keys) >= WHOLE_NAME else ())


def _most_of(look: Look, keys: list[str]) -> Numbers:
    """Who holds the most of the keys of a long name: what leads its own word and follows its trade is not filed."""
    rare = (one for one in keys if 0 < look.index.many(one) <= BROAD)
    held = Counter(chain.from_iterable(map(look.under, rare)))
    most = max(held.values(), default=0)
    return sorted(one for one, times in held.items() if times == most) if most > 1 else ()


def _initials(look: Look, letters: str) -> Numbers:
    """By the letters from the first, or behind those of a place, as in nbxdf."""
    if len(letters) < 2:
        return ()
    found = list(look.beginning_here(f"i{letters}"))
    for called in look.index.places.initials:
        rest = letters[len(called) :]
        if letters.startswith(called) and len(rest) > 1:
            found += look.beginning_here(f"i{rest}")
    return found


def near(look: Look, word: Word) -> Numbers:
    """Who is called so but for one sign: another one, one more, one less, two swapped."""
    if word.is_latin or len(word.plain) > LONGEST:
        return ()
    # What begins like a place may be no place: 海曙光.
    whole = [word.plain, word.rest] if word.rest != word.plain else [word.plain]
    guesses = (one for signs in whole if len(signs) > 1 for one in _guesses(signs) if one)
    likely = {frozenset(one) for one in guesses if all(map(look.index.many, one))}
    lists = [look.front(look.all_of(sorted(one)), OF_A_GUESS) for one in likely]
    lists.sort(key=lambda one: (len(one), one))
    found = dict.fromkeys(chain.from_iterable(lists))
    return list(islice(found, LOOKED_AT))


def _guesses(signs: str) -> Iterator[set[str]]:
    """For each slip there may be, and for each gap, the keys under which who is meant is filed all the same."""
    long = len(signs)
    couples = [f"n{signs[at : at + 2]}" for at in range(long - 1)]
    yield set(sound_keys(signs)) if long < 3 else _heard_by(signs)
    for at in range(long - 1):
        before, after = set(couples[: max(at - 1, 0)]), set(couples[at + 2 :])
        turned = signs[max(at - 1, 0) : at] + signs[at + 1] + signs[at] + signs[at + 2 : at + 3]
        yield before | after | {f"n{one}{two}" for one, two in pairwise(turned)}
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
        if 1 <= at < long - 2:
            yield {*couples[:at], *couples[at + 1 :]}


def _heard_by(signs: str) -> set[str]:
    """One way to read it, which is enough where the sounds are common."""
    read = [sorted(heard(one))[0] for one in signs]
    return {f"p{one} {two}" for one, two in pairwise(read)}
