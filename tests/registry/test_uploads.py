"""Only sound pictures and plain papers are kept, whatever their names say; a cleaned copy tells no place."""

import io
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from hashlib import sha256, shake_256
from pathlib import Path

import pytest
from PIL import Image, PngImagePlugin
from pyhanko.pdf_utils import generic, writer

from registry import uploads
from registry.errors import FormRefused
from registry.uploads import AT_ONCE, LIMIT, SEEN_AT_MOST, clean_of, keep, place_of

ZONE = timezone(timedelta(hours=8))


def photo(kind: str = "JPEG", size: tuple[int, int] = (64, 48), **more: object) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, (180, 40, 30)).save(out, kind, **more)
    return out.getvalue()


def noisy(size: tuple[int, int] = (400, 300), **more: object) -> bytes:
    out = io.BytesIO()
    pixels = shake_256(b"1").digest(size[0] * size[1] * 3)
    Image.frombytes("RGB", size, pixels).save(out, "JPEG", **more)
    return out.getvalue()


def exif() -> Image.Exif:
    said = Image.Exif()
    said[0x010F] = "某牌手机"
    said.get_ifd(0x8769)[0x9003] = "2026:11:24 09:42:11"
    said.get_ifd(0x8825)[2] = (29.0, 52.0, 30.0)
    return said


def archive() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        file.writestr("a.txt", "x" * 50)
    return out.getvalue()


def paper(**root: generic.PdfObject) -> bytes:
    out = io.BytesIO()
    made = writer.PdfFileWriter()
    made.root["/Note"] = generic.pdf_string("整改报告")
    for key, value in root.items():
        made.root[f"/{key}"] = made.add_object(value)
    made.write(out)
    return out.getvalue()


def named(**values: generic.PdfObject) -> generic.DictionaryObject:
    return generic.DictionaryObject(
        {generic.NameObject(f"/{key}"): one for key, one in values.items()}
    )


@pytest.mark.parametrize("content", [photo(), photo("PNG"), photo("WEBP"), noisy(), paper()])
def test_what_is_sound_is_kept_under_its_digest_and_once(content: bytes, tmp_path: Path) -> None:
    kept = keep(tmp_path, content, "files", ZONE)
    assert kept.sha256 == sha256(content).hexdigest()
    assert kept.size == len(content)
    place = place_of(tmp_path, kept.sha256)
    assert place.read_bytes() == content
    before = place.stat().st_ino
    assert keep(tmp_path, content, "files", ZONE) == kept
    assert place.stat().st_ino == before
    assert not list(tmp_path.rglob("tmp*"))


def test_the_copy_has_no_place_no_device_no_comment_and_the_time_is_kept(tmp_path: Path) -> None:
    content = noisy(exif=exif(), comment="校长手机号")
    kept = keep(tmp_path, content, "files", ZONE)
    assert kept.taken_at == datetime(2026, 11, 24, 9, 42, 11, tzinfo=ZONE)
    copy = clean_of(tmp_path, kept.sha256).read_bytes()
    for word in (b"Exif", "某牌手机".encode(), "校长手机号".encode(), b"GPS"):
        assert word not in copy
    with Image.open(io.BytesIO(copy)) as seen:
        assert seen.size == (400, 300)
        assert not seen.getexif()


def test_the_cameras_own_zone_comes_before_the_citys(tmp_path: Path) -> None:
    said = exif()
    said.get_ifd(0x8769)[0x9011] = "+00:00"
    kept = keep(tmp_path, noisy(exif=said), "files", ZONE)
    assert kept.taken_at == datetime(2026, 11, 24, 9, 42, 11, tzinfo=UTC)


def test_a_picture_lying_on_its_side_is_set_upright(tmp_path: Path) -> None:
    said = Image.Exif()
    said[0x0112] = 6
    kept = keep(tmp_path, photo(size=(60, 30), exif=said), "files", ZONE)
    with Image.open(clean_of(tmp_path, kept.sha256)) as seen:
        assert seen.size == (30, 60)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "I;16"])
def test_a_picture_of_any_colours_is_kept_and_the_copy_is_made_small(
    mode: str, tmp_path: Path
) -> None:
    out = io.BytesIO()
    Image.new("RGB", (3000, 2000), (180, 40, 30)).convert("L" if mode == "I;16" else mode).convert(
        mode
    ).save(out, "PNG")
    kept = keep(tmp_path, out.getvalue(), "files", ZONE)
    with Image.open(clean_of(tmp_path, kept.sha256)) as seen:
        assert (seen.mode, max(seen.size)) == ("RGB", SEEN_AT_MOST)


def test_one_picture_at_a_time_is_decoded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A small file may hold hundreds of MB, and many may come at once."""
    within: list[int] = []
    most: list[int] = []
    real = uploads._cleaned

    def watched(picture: Image.Image, field: str) -> bytes:
        within.append(1)
        most.append(len(within))
        time.sleep(0.02)
        within.pop()
        return real(picture, field)

    monkeypatch.setattr(uploads, "_cleaned", watched)
    contents = [photo(size=(64 + one, 48)) for one in range(6)]
    with ThreadPoolExecutor(6) as pool:
        kept = list(pool.map(lambda one: keep(tmp_path, one, "files", ZONE), contents))
    assert len({one.sha256 for one in kept}) == 6
    assert max(most) == 1


def test_what_a_phone_appends_is_no_reason_to_refuse(tmp_path: Path) -> None:
    film = b"\x00\x00\x00\x18ftypmp42" + shake_256(b"2").digest(5000)
    assert keep(tmp_path, noisy() + film, "files", ZONE).media == "image/jpeg"


def hidden() -> bytes:
    """A zip within the comment of a small picture."""
    return photo(comment=archive())


LIES = {
    "empty": (b"", "重新选择"),
    "page": (b"<html><script>alert(1)</script>", "只收"),
    "program": (b"MZ" + bytes(100), "只收"),
    "svg": (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "只收"),
    "gif": (photo("GIF"), "只收"),
    "cut": (noisy()[:4000], "损坏"),
    "only a head": (b"\xff\xd8\xff" + bytes(200), "损坏"),
    "archive behind": (noisy() + archive(), "藏着"),
    "archive within": (hidden(), "藏着"),
    "page behind": (photo("PNG") + b"<SCRIPT>alert(1)</SCRIPT>", "藏着"),
    "paper behind": (noisy() + paper(), "藏着"),
    "junk before a paper": (b"junk" + paper(), "只收"),
    "archive behind a paper": (paper() + archive(), "后面"),
    "junk behind a paper": (paper() + b"x" * 5000, "后面"),
    "script": (paper(Names=named(JavaScript=named())), "脚本"),
    "runs": (
        paper(OpenAction=named(S=generic.NameObject("/Launch"), F=generic.pdf_string("calc.exe"))),
        "动作",
    ),
    "carries": (paper(Names=named(EmbeddedFiles=named())), "夹带"),
    "acts": (paper(AA=named()), "自动"),
    "broken paper": (b"%PDF-1.7\n" + bytes(500) + b"%%EOF", "打不开"),
}


@pytest.mark.parametrize("name", LIES)
def test_a_file_that_is_not_what_it_looks_like_is_refused_and_leaves_nothing(
    name: str, tmp_path: Path
) -> None:
    content, word = LIES[name]
    with pytest.raises(FormRefused, match=word):
        keep(tmp_path, content, "files", ZONE)
    assert not [one for one in tmp_path.rglob("*") if one.is_file()]


def test_a_locked_paper_is_refused(tmp_path: Path) -> None:
    out = io.BytesIO()
    made = writer.PdfFileWriter()
    made.encrypt("owner", "user")
    made.root["/Note"] = generic.pdf_string("x")
    made.write(out)
    with pytest.raises(FormRefused, match="密码"):
        keep(tmp_path, out.getvalue(), "files", ZONE)


def test_a_picture_of_too_many_points_or_bytes_is_refused(tmp_path: Path) -> None:
    bomb = photo("PNG", (100, 100))
    huge = bomb[:16] + (60000).to_bytes(4, "big") * 2 + bomb[24:]
    with pytest.raises(FormRefused):
        keep(tmp_path, huge, "files", ZONE)
    big = io.BytesIO()
    Image.new("1", (9000, 9000)).save(big, "PNG")
    assert len(big.getvalue()) < 100_000  # small to send, large to unpack
    with pytest.raises(FormRefused, match="像素"):
        keep(tmp_path, big.getvalue(), "files", ZONE)
    with pytest.raises(FormRefused, match="MB"):
        keep(tmp_path, noisy() + bytes(LIMIT), "files", ZONE)


def test_what_the_form_promises_of_files_is_what_is_taken() -> None:
    hint = Path("registry/portal/handing.html").read_text("utf-8")
    assert f"每个不超过 {LIMIT / 1_000_000:g} MB，最多 {AT_ONCE} 个。" in hint


def test_a_words_bomb_in_a_picture_is_refused_or_harmless(tmp_path: Path) -> None:
    words = PngImagePlugin.PngInfo()
    words.add_text("Comment", "x" * 50_000_000, zip=True)
    out = io.BytesIO()
    Image.new("RGB", (8, 8)).save(out, "PNG", pnginfo=words)
    with pytest.raises(FormRefused, match="损坏"):
        keep(tmp_path, out.getvalue(), "files", ZONE)
