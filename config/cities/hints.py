"""The commands a sentence names, as they are written where an installation has several cities."""

import re

# These are for an installation, whatever the city.
_NAMED = re.compile(r"\bxinyong (?=[a-z])(?!(?:cities|move)\b)")


def for_city(text: str, id: str) -> str:
    """The text with every command of `xinyong` in it for the city of this number; the same where there is none."""
    return _NAMED.sub(f"xinyong --city {id} ", text) if id else text
