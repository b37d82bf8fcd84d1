"""The one line of `cities.toml` that a move changes; everything else of the file stays as it was written."""

import os
import re
from pathlib import Path
from typing import Any

import msgspec


def write_server(file: Path, id: str, server: str) -> bool:
    """Writes a city's server into the file in one step; False where a person has to, because it reads otherwise."""
    text = file.read_text("utf-8-sig")
    wanted: dict[str, Any] = msgspec.toml.decode(text)
    if wanted["cities"][id].get("server") == server:
        return True
    wanted["cities"][id]["server"] = server
    section = re.compile(
        rf'(?ms)^(\[\s*cities\s*\.\s*"?{re.escape(id)}"?\s*\](?:(?!^\[).)*?^\s*server\s*=\s*)'
        r"(\"[^\"\n]*\"|'[^'\n]*')"
    )
    fresh = section.sub(lambda found: f'{found[1]}"{server}"', text, count=1)
    try:
        same = msgspec.toml.decode(fresh) == wanted
    except msgspec.DecodeError:
        same = False
    if not same or not os.access(file.parent, os.W_OK):
        return False
    draft = file.with_name(f".{file.name}.new")
    draft.write_text(fresh, "utf-8")
    draft.chmod(file.stat().st_mode & 0o777)
    os.replace(draft, file)
    return True
