"""What a phone without a network checks of a text that will be printed: the server's own rule, handed to the page."""

import msgspec
from sqlmodel import SQLModel

from registry.forms.fields import NO_RESIDENT_NUMBER, published_fields
from registry.resident_number import CHECK_SIGNS, PROVINCES, RESIDENT, SPOKEN, UNSEEN, WEIGHTS


def printed(form: type[SQLModel]) -> str:
    """Which fields of a form are printed, and how a resident number is found in one, as JSON."""
    rule = {
        "fields": published_fields(form),
        "said": NO_RESIDENT_NUMBER,
        "unseen": UNSEEN.pattern,
        "spoken": SPOKEN,
        "number": RESIDENT.pattern,
        "provinces": sorted(PROVINCES),
        "weights": WEIGHTS,
        "signs": CHECK_SIGNS,
    }
    return msgspec.json.encode(rule).decode()
