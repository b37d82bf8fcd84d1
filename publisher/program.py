"""Which program made an edition: the digest of all source that has a part in a line, its wording or its gate."""

from functools import cache
from hashlib import sha256
from pathlib import Path

ROOT = Path(__file__).parent.parent
SOURCES = (
    "scoring/**/*.py",
    "registry/credit_file.py",
    "registry/forms/contacts.py",
    "registry/forms/staff.py",
    "registry/procedure/**/*.py",
    "registry/queries/**/*.py",
    "publisher/*.py",
    "publisher/gate/*.py",
)


@cache
def program() -> str:
    """SHA-256 over name and content of every such file, the same on any machine, in hexadecimal.

    A line that another program made or looked through is never carried on: a word of the rules may have changed.
    """
    found = sorted({path for pattern in SOURCES for path in ROOT.glob(pattern)})
    whole = sha256()
    for path in found:
        # A checkout may have turned the line ends.
        content = path.read_bytes().replace(b"\r\n", b"\n")
        whole.update(f"{path.relative_to(ROOT).as_posix()}\0{len(content)}\0".encode() + content)
    return whole.hexdigest()
