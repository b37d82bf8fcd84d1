"""Amounts as people type them."""

from decimal import Decimal, DecimalException

LARGEST = 10**17  # fen; what is more is a slip


def fen_of(typed: str) -> int:
    """The fen of an amount typed in yuan, commas or none; raises ValueError unless it is one to the cent.

    The size is looked at before the digits are: a number of a million digits takes minutes to write out.
    """
    try:
        fen = Decimal(typed.strip().replace(",", "").replace("，", "")) * 100
    except DecimalException:
        raise ValueError(typed) from None
    if not fen.is_finite() or abs(fen) >= LARGEST or fen != fen.to_integral_value():
        raise ValueError(typed)
    return int(fen)
