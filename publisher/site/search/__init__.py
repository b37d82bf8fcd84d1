"""What a parent types → institutions: a number, a code, or anything they are called, however it is spelt."""

from publisher.site.search.across import AnswerOfAll, CityHit, search_all
from publisher.site.search.answer import Answer, matching, search, sought
from publisher.site.search.hits import Filter, Hit
from publisher.site.search.ranking import SHOWN
from publisher.site.search.suggest import Suggestion, suggest

__all__ = [
    "SHOWN",
    "Answer",
    "AnswerOfAll",
    "CityHit",
    "Filter",
    "Hit",
    "Suggestion",
    "matching",
    "search",
    "search_all",
    "sought",
    "suggest",
]
