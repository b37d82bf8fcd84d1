"""Where in a street an address lies, as far as its own words say."""

import re

# A street may begin with a word that also ends a district's name (镇明路, 市心路): two characters come
# before its ending where that leaves a district before it, and one where nothing else fits.
_DISTRICT = r".{2,}(?:街道|镇|乡|区|县|市)"
_STREET = r"(?P<street>[^\d\s，,；;（(]{%s}(?:大道|大街|路|街|巷|弄|道|里))(?!道)\s*(?P<house>\d+)?"
_WAYS = tuple(
    re.compile(before + _STREET % many) for before in (_DISTRICT, "") for many in ("2,12", "1")
)


def street_of(address: str) -> tuple[str, int]:
    """The street and the house number of an address; an empty street and 0 where it names none.

    >>> street_of("宁波市鄞州区百丈街道新城大道23号1层")
    ('新城大道', 23)
    >>> street_of("海曙区镇明路 8 弄 2 号")
    ('镇明路', 8)
    """
    for way in _WAYS:
        found = way.match(address)
        if found:
            return found["street"], int((found["house"] or "0")[:9])
    return "", 0
