"""The one way a value is written down, so that equal values have equal bytes on any machine."""

import msgspec
from msgspec import Struct

_SORTED = msgspec.json.Encoder(order="sorted", decimal_format="string")


def canonical(value: Struct) -> bytes:
    """The RFC 8785 bytes of a value.

    Published values hold no floats, and their names are ASCII, so sorted JSON is canonical already;
    the tests compare it with an independent implementation of the standard.
    """
    return _SORTED.encode(value)
