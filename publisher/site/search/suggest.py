"""What is suggested while a query is being typed."""

from msgspec import Struct

from publisher.site.search.answer import search
from publisher.site.store import OpenEdition

SUGGESTED = 8


class Suggestion(Struct, frozen=True, kw_only=True):
    """One institution, told apart from others of the name by its place and address."""

    id: str
    name: str
    place: str
    address: str
    why: str = ""


def suggest(edition: OpenEdition, query: str) -> list[Suggestion]:
    """The nearest institutions to what has been typed so far; none for nothing."""
    places = edition.places
    return [
        Suggestion(
            id=hit.id,
            name=hit.name,
            place=places[hit.jurisdiction].name if hit.jurisdiction in places else "",
            address=hit.address,
            why=f"{hit.why}“{hit.found}”" if hit.found else hit.why,
        )
        for hit in search(edition, query).hits[:SUGGESTED]
    ]
