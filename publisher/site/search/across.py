"""One search of several cities' editions: side by side, ranked by the same cost, each hit with its city."""

from collections.abc import Mapping

from msgspec import Struct

from publisher.site.search.answer import Course, is_near, marks, run
from publisher.site.search.around import AROUND
from publisher.site.search.hits import Hit, hits_of
from publisher.site.search.ranking import SHOWN, Ranked, together
from publisher.site.store import OpenEdition


class CityHit(Struct, frozen=True, kw_only=True):
    """One institution found, and the number of its city."""

    city: str
    hit: Hit


class AnswerOfAll(Struct, frozen=True, kw_only=True):
    """What `Answer` says of one city, of all; `cities` tells how many there are in each that has any."""

    query: str
    words: tuple[str, ...]
    total: int
    hits: tuple[CityHit, ...]
    cities: tuple[tuple[str, int], ...]
    alike: int = 0
    many: bool = False
    guessed: bool = False
    near: bool = False
    around: tuple[CityHit, ...] = ()


def search_all(editions: Mapping[str, OpenEdition], query: str) -> AnswerOfAll:
    """The institutions that are meant in any of the cities, the nearest first, as if they were one.

    The same editions and query give the same answer.
    """
    courses = {city: Course(edition, query) for city, edition in editions.items()}
    # A number that somebody bears as it was typed is nobody else's with a slip.
    if any(one.found.ranked and not one.guessed for one in courses.values()):
        courses = {city: one for city, one in courses.items() if not one.guessed}
    run(list(courses.values()))
    place = {city: at for at, city in enumerate(courses)}
    whose = {id(one): city for city, of in courses.items() for one in of.found.ranked}
    every = [one for of in courses.values() for one in of.found.ranked]
    every.sort(key=lambda one: (*one[:5], place[whose[id(one)]], one.number))
    own = courses[whose[id(every[0])]].own if every else ""
    ranked, alike = together(every, own)
    found = {city: max(of.found.total, len(of.found.ranked)) for city, of in courses.items()}
    cities = sorted(filter(lambda one: one[1], found.items()), key=lambda one: -one[1])
    return AnswerOfAll(
        query=query,
        words=tuple(dict.fromkeys(one for of in courses.values() for one in marks(of.words))),
        total=sum(found.values()),
        hits=_hits(courses, whose, ranked[:SHOWN]),
        cities=tuple(cities),
        alike=min(alike, SHOWN),
        many=any(one.found.many for one in courses.values()),
        guessed=bool(ranked) and any(one.guessed for one in courses.values()),
        near=is_near(ranked),
        around=() if ranked else _around(courses),
    )


def _hits(
    courses: Mapping[str, Course], whose: Mapping[int, str], ranked: list[Ranked]
) -> tuple[CityHit, ...]:
    """The hits in their order; each city is asked once for what is shown of its own."""
    shown: dict[int, CityHit] = {}
    for city, course in courses.items():
        own = [one for one in ranked if whose[id(one)] == city]
        for one, hit in zip(own, hits_of(course.look, own) if own else (), strict=True):
            shown[id(one)] = CityHit(city=city, hit=hit)
    return tuple(shown[id(one)] for one in ranked)


def _around(courses: Mapping[str, Course]) -> tuple[CityHit, ...]:
    found = [CityHit(city=city, hit=hit) for city, of in courses.items() for hit in of.around()]
    return tuple(found[:AROUND])
