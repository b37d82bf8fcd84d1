"""The stamp of an edition on paper, and digests in fours."""

import re
from datetime import date

from msgspec import Struct


class Seal(Struct, frozen=True, kw_only=True):
    """What the square stamp says, with type sizes that fit its frame."""

    organ: str
    organ_size: float
    edition: str
    short: str
    short_size: float
    released: str
    digest: str

    @classmethod
    def of(cls, organ: str, edition: str, released_on: date, digest: str) -> "Seal":
        """The stamp of an edition."""
        found = re.match(r"(\d{4})年(\d{1,2})月版(?:增补第(\d+)号)?$", edition)
        short = "·".join(one for one in found.groups() if one) if found else edition
        wide = sum(0.6 if one.isascii() or one == "·" else 1 for one in short)
        return cls(
            organ=organ,
            organ_size=round(min(17, 124 / max(1, len(organ))), 2),
            edition=edition,
            short=short,
            short_size=round(min(33, 124 / max(1, wide)), 2),
            released=f"{released_on.month}月{released_on.day}日发布",
            digest=grouped(digest[:8]),
        )


def grouped(digest: str) -> str:
    """A digest in capital letters, four by four."""
    return " ".join(re.findall(".{1,4}", digest.upper()))
