"""Files by their content: only what is what it looks like is kept, under its SHA-256, and never twice.

The original is proof and goes only to those who may see the matter; a public path would serve the
cleaned copy, a picture made anew without place, device or comment.
"""

import contextlib
import io
import os
import subprocess
import sys
import tempfile
from datetime import datetime, tzinfo
from hashlib import sha256
from pathlib import Path
from threading import Lock

from msgspec import Struct
from PIL import Image, ImageFile, ImageOps

from registry.errors import FormRefused, refuse
from registry.pictures import end_of, suspicious

LIMIT = 12_000_000
AT_ONCE = 10  # files of one form
WHOLE = AT_ONCE * LIMIT + 10_000_000  # a form with so many, and what is typed in it
PIXELS = 64_000_000
SEEN_AT_MOST = 2560
SECONDS = 30
PDF = "application/pdf"
SUFFIXES = {"image/jpeg": ".jpg", "image/png": ".png", "image/webp": ".webp", PDF: ".pdf"}
_FORMATS = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}
_TAKEN, _OFFSET, _EXIF = 0x9003, 0x9011, 0x8769
Image.MAX_IMAGE_PIXELS = PIXELS
_SMOOTH = ("RGB", "RGBA", "L", "CMYK")
# A small file may hold a picture of hundreds of MB: one at a time is decoded.
_DECODING = Lock()


class Kept(Struct, frozen=True, kw_only=True):
    """What was kept: its digest, what it is, its size, and when the camera says it was taken."""

    sha256: str
    media: str
    size: int
    taken_at: datetime | None = None


def keep(folder: Path, content: bytes, field: str, zone: tzinfo) -> Kept:
    """Keeps a file under its digest; raises FormRefused unless it is a sound picture or plain PDF."""
    media = media_of(content)
    digest = sha256(content).hexdigest()
    if not content:
        raise _refused(field, "空文件", "请重新选择")
    if len(content) > LIMIT:
        size = f"{len(content) / 1e6:.1f} MB"
        raise _refused(field, size, f"请缩小到 {LIMIT // 1_000_000} MB 以内")
    if not media:
        raise _refused(field, "", "只收 JPEG、PNG、WebP 照片和 PDF，请换一个文件，改扩展名没有用")
    taken = None
    place = place_of(folder, digest)
    if media == PDF:
        _check_paper(content, field)
    else:
        with _DECODING:
            picture = _opened(content, media, field)
            taken = _taken(picture, zone)
            clean = _cleaned(picture, field)
            picture.close()
        _write(clean_of(folder, digest), clean)
    _write(place, content)
    return Kept(sha256=digest, media=media, size=len(content), taken_at=taken)


def place_of(folder: Path, digest: str) -> Path:
    """Where the bytes of a digest lie."""
    return folder / digest[:2] / digest


def clean_of(folder: Path, digest: str) -> Path:
    """Where the cleaned copy of a picture lies, a JPEG under the digest of its original; a PDF has none."""
    return folder / "clean" / digest[:2] / f"{digest}.jpg"


def media_of(content: bytes) -> str:
    """What a file is by its first bytes, whatever its name says; empty for what is not taken."""
    if content.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    return PDF if content.startswith(b"%PDF-") else ""


def _opened(content: bytes, media: str, field: str) -> Image.Image:
    """The picture, wholly decoded and as large as it says; refused if it is also something else."""
    try:
        picture = Image.open(io.BytesIO(content), formats=tuple(_FORMATS))
        width, height = picture.size
        if width * height > PIXELS:
            raise _refused(
                field, f"{width}×{height}", f"像素过多，请缩小到 {PIXELS // 1_000_000} 百万像素以内"
            )
        # WeasyPrint lets broken pictures pass in the whole process.
        ImageFile.LOAD_TRUNCATED_IMAGES = False
        picture.draft(None, (SEEN_AT_MOST, SEEN_AT_MOST))  # a JPEG comes no larger than it is kept
        picture.load()
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        remedy = f"像素过多，请缩小到 {PIXELS // 1_000_000} 百万像素以内"
        raise _refused(field, "", remedy) from None
    except (OSError, ValueError, SyntaxError, MemoryError):
        raise _refused(field, "", "照片损坏，打不开，请重新拍摄或者选择") from None
    if _FORMATS.get(picture.format or "") != media:
        raise _refused(field, "", "照片的内容和格式不一致，请重新拍摄或者选择")
    if suspicious(content, end_of(content, media)):
        raise _refused(field, "", "照片后面还藏着别的文件，请重新拍摄，不要用拼接过的文件")
    return picture


def _cleaned(picture: Image.Image, field: str) -> bytes:
    """The same picture painted anew: upright, at most 2560 wide, and nothing but its pixels."""
    try:
        # The others have no colours between two of their own to make it smaller with.
        small = picture if picture.mode in _SMOOTH else picture.convert("RGB")
        small.thumbnail((SEEN_AT_MOST, SEEN_AT_MOST))
        upright = ImageOps.exif_transpose(small).convert("RGB")
    except (OSError, ValueError, SyntaxError, MemoryError, TypeError):
        raise _refused(field, "", "照片损坏，打不开，请重新拍摄或者选择") from None
    bare = Image.frombytes(upright.mode, upright.size, upright.tobytes())
    out = io.BytesIO()
    bare.save(out, "JPEG", quality=85)
    return out.getvalue()


def _taken(picture: Image.Image, zone: tzinfo) -> datetime | None:
    """When the camera says it was taken; in the city's time where the camera does not say which."""
    try:
        said = picture.getexif().get_ifd(_EXIF)
        text = f"{said.get(_TAKEN, '')}{said.get(_OFFSET) or ''}"
        if len(text) > 19:
            return datetime.strptime(text, "%Y:%m:%d %H:%M:%S%z")
        return datetime.strptime(text, "%Y:%m:%d %H:%M:%S").replace(tzinfo=zone)
    except (ValueError, TypeError, OSError, SyntaxError, KeyError):
        return None  # a camera's claim is welcome and never needed


def _check_paper(content: bytes, field: str) -> None:
    """Refuses a PDF that is locked, runs something or carries files; read in a process of its own."""
    done = None
    with tempfile.NamedTemporaryFile(suffix=".pdf") as file:
        file.write(content)
        file.flush()
        words = [sys.executable, "-m", "registry.papers", file.name]
        root = Path(__file__).parents[1]
        with contextlib.suppress(subprocess.TimeoutExpired):
            done = subprocess.run(  # noqa: S603 our own module, a file name of our own
                words, capture_output=True, timeout=SECONDS, check=False, cwd=root
            )
    said = done.stdout.decode("utf-8", "replace").strip() if done else ""
    if done is None or done.returncode or said != "ok":
        raise _refused(field, "", said or "这份 PDF 打不开，请重新导出或者扫描")


def _write(place: Path, content: bytes) -> None:
    """Writes once and wholly: a name that is there has all its bytes, even after the power failed."""
    if place.exists():
        os.utime(place)  # handed in once more, so that it is not taken for one nobody needs
        return
    place.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=place.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, place)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    above = os.open(place.parent, os.O_RDONLY)
    try:
        os.fsync(above)
    finally:
        os.close(above)


def _refused(field: str, value: str, remedy: str) -> FormRefused:
    return refuse(field, "“附件”", value, remedy)
