"""Numbers of rows as they come from outside, in an address or a form."""

# Digits: more than any table has rows, and what every database still reads as a number.
LONGEST = 15


def row_number(typed: str) -> int:
    """The number of a row, 0 for what is none: no table has a row of that number.

    >>> [row_number(one) for one in ("17", "9" * 25, "٣", "")]
    [17, 0, 0, 0]
    """
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) <= LONGEST else 0
