"""What an institution may see of released editions; the composition root reads them, the register cannot."""

from collections.abc import Callable

from msgspec import Struct


class Published(Struct, frozen=True, kw_only=True):
    """A rating as an edition published it; `link` leads from the site's root to that edition."""

    period: str
    label: str
    status: str
    grade: str
    score: str
    digest: str
    link: str


class Released(Struct, frozen=True, kw_only=True):
    """The released editions as the portal uses them.

    `ratings` gives an institution's, the newest first. `paper` sets its `certificate` or `notice` as PDF
    from the newest edition, its code checked at an address; raises NotFound when that has no such entry.
    `site` is the public site's address, empty where none is set.
    """

    ratings: Callable[[str], tuple[Published, ...]]
    paper: Callable[[str, str, str], bytes]
    site: str = ""
