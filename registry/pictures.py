"""Where a picture ends, and whether what follows its end is another file in hiding."""

import io
import zipfile

_MARKS = (b"%PDF-", b"PK\x03\x04", b"PK\x05\x06", b"Rar!\x1a", b"7z\xbc\xaf", b"\x7fELF", b"<?php")
_WORDS = (b"<script", b"<html", b"<!doctype", b"<svg", b"javascript:")
_ALONE = {0x01, *range(0xD0, 0xD9)}


def end_of(content: bytes, media: str) -> int:
    """The first byte after a decodable picture."""
    if media == "image/png":
        at = 8
        while at + 12 <= len(content):
            size, kind = int.from_bytes(content[at : at + 4], "big"), content[at + 4 : at + 8]
            at += 12 + size
            if kind == b"IEND":
                break
        return at
    if media == "image/webp":
        return 8 + int.from_bytes(content[4:8], "little")
    return _end_of_jpeg(content)


def suspicious(content: bytes, end: int) -> bool:
    """Whether an archive, a paper, a program or a page hides in a picture's words or after its end.

    What phones append, such as a short film, is none of these and stays part of the original.
    """
    tail = content[end:]
    if b"%PDF-" in content[:1024] or is_archive(content):
        return True
    return any(one in tail for one in _MARKS) or any(
        one in part.lower() for part in (content[:65536], tail) for one in _WORDS
    )


def is_archive(content: bytes) -> bool:
    """Whether a reader of zip archives would open it, wherever in the file the archive lies."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)):
            return True
    except (zipfile.BadZipFile, ValueError, OSError):
        return False


def _end_of_jpeg(content: bytes) -> int:
    """Walks the segments, and within a scan from mark to mark, to the end of the image."""
    at = 2
    while at + 4 <= len(content):
        if content[at] != 0xFF:
            at = content.find(b"\xff", at)  # within a scan
            if at < 0:
                break
        mark = content[at + 1]
        if mark == 0xD9:
            return at + 2
        if mark in (0x00, 0xFF) or mark in _ALONE:
            at += 1 if mark == 0xFF else 2
        else:
            at += 2 + int.from_bytes(content[at + 2 : at + 4], "big")
    return len(content)
