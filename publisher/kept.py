"""What of a released folder stays when its edition is made anew: files that say nothing of what changed."""

import os
import shutil
from hashlib import file_digest
from pathlib import Path

import msgspec

from publisher.edition import Edition
from publisher.paper_key import CERTIFICATE

PAPERS = "papers.json"


class Kept:
    """A released folder as it was signed, from which unchanged files are taken over instead of made again.

    A renderer asks for a file only where what the file is made from is equal in both editions; what is taken
    has the digest under which the bureau signed it.
    """

    def __init__(self, folder: Path, edition: Edition, keys: Path) -> None:
        """`edition` is what the folder holds; its `renderings.json` was found signed."""
        self.folder = folder
        self.edition = edition
        self.taken: set[str] = set()
        raw = (folder / "renderings.json").read_bytes()
        self._listed = msgspec.json.decode(raw, type=dict[str, str])
        self._keys = keys

    def take(self, name: str, into: Path) -> bool:
        """Puts a file of the old folder into the new one; False where it is not there as it was signed."""
        old, new = self.folder / name, into / name
        if not self._is_signed(name):
            return False
        new.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.link(old, new)
        except OSError:  # a file system without links, or too many of them
            shutil.copyfile(old, new)
        self.taken.add(name)
        return True

    def take_paper(self, name: str, into: Path) -> bool:
        """The same of a signed paper; False too where the bureau signs with another certificate by now."""
        return self._signs_alike() and self.take(name, into)

    def looks_alike(self, static: Path, names: tuple[str, ...]) -> bool:
        """Whether pages of the old folder may stand under the stylesheets of today."""
        return all(
            self._is_signed(name)
            and (self.folder / name).read_bytes() == (static / name).read_bytes()
            for name in names
        )

    def _is_signed(self, name: str) -> bool:
        try:
            with (self.folder / name).open("rb") as file:
                return file_digest(file, "sha256").hexdigest() == self._listed.get(name)
        except OSError:
            return False

    def _signs_alike(self) -> bool:
        try:
            ours = (self._keys / CERTIFICATE).read_bytes()
        except OSError:
            return False
        theirs = self.folder / CERTIFICATE
        alike = self._is_signed(PAPERS) and self._is_signed(CERTIFICATE)
        return alike and theirs.read_bytes() == ours
