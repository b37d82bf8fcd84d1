"""Fields of a form as they are drawn, and what was typed into them."""

from msgspec import Struct


class Input(Struct, frozen=True, kw_only=True):
    """One field: its name, its label, and how it is drawn; with options it is a choice."""

    name: str
    label: str
    type: str = "text"
    hint: str = ""
    options: tuple[tuple[str, str], ...] = ()


def table_of(typed: str, fields: tuple[str, ...]) -> list[dict[str, str]]:
    """A text area's lines as rows: the parts between strokes are the fields, empty ones left out."""
    rows = []
    for line in typed.replace("｜", "|").splitlines():
        parts = [one.strip() for one in line.split("|", len(fields) - 1)]
        row = {field: part for field, part in zip(fields, parts, strict=False) if part}
        if row:
            rows.append(row)
    return rows
