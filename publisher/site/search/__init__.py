"""What a parent types → institutions: a number, a code, or anything they are called, however it is spelt."""

from publisher.site.search.answer import SHOWN, Answer, Filter, Hit, search
from publisher.site.search.suggest import Suggestion, suggest

__all__ = ["SHOWN", "Answer", "Filter", "Hit", "Suggestion", "search", "suggest"]
