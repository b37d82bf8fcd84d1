"""Numbers beyond which a machine doubts an edition, as `[gate]` of `city.toml` writes them."""

from msgspec import Struct


class ListBounds(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Of one list: how many may stand on it, and how many may come or go at once; None sets no bound."""

    min: int = 0
    max: int | None = None
    max_added: int | None = None
    max_removed: int | None = None


class Bounds(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a machine lets pass; beyond it a named person decides, with a reason.

    Percentages are of the edition before. `public_numbers` are telephone numbers and addresses of offices
    that may stand in a published text.
    """

    min_institutions: int = 1
    max_institutions: int = 10_000_000
    max_change_percent: int = 100
    max_place_loss_percent: int = 100
    max_new_black: int = 1_000_000
    lists: dict[str, ListBounds] = {}
    public_numbers: tuple[str, ...] = ()
