"""Forms with files are taken as large as their hints promise; a larger one is refused in words that help."""

import socket
from urllib.parse import urlsplit

import pytest

from registry.uploads import WHOLE
from tests.flows.small_city import Town, city

__all__ = ["city"]
# An address with files, and who sends them there.
WITH_FILES = {
    "/my/repair": "institution",
    "/my/matters/{matter}/defence": "institution",
    "/desk/visits": "city.inspector",
}


def announced(city: Town, path: str, size: int, accept: str) -> str:
    """What is answered to a form that says to have so many bytes."""
    parts = urlsplit(city.url)
    said = (
        f"POST {path} HTTP/1.1\r\nHost: {parts.netloc}\r\nAccept: {accept}\r\nConnection: close\r\n"
        f"Content-Type: multipart/form-data; boundary=x\r\nContent-Length: {size}\r\n\r\n"
    )
    assert parts.hostname
    answer = b""
    with socket.create_connection((parts.hostname, parts.port or 80), timeout=60) as connection:
        connection.sendall(said.encode("ascii"))
        while part := connection.recv(65536):
            answer += part
    return answer.decode("utf-8")


@pytest.mark.parametrize("path", WITH_FILES)
def test_two_large_photos_are_read_wherever_files_are_taken(city: Town, path: str) -> None:
    fields = {"draft": "0" * 32, "institution": city.ids["institution"]["own"]}
    photos = [(name, (f"{name}.jpg", bytes(11_000_000))) for name in ("files-1", "files-2")]
    there = path.format(matter=city.ids["matter"]["own"])
    answer = city.browser(WITH_FILES[path]).post(there, data=fields, files=photos)
    assert answer.status_code in (404, 409, 422), answer.text
    assert answer.status_code != 422 or "只收 JPEG" in answer.text


@pytest.mark.parametrize(
    ("path", "size", "accept", "shown"),
    [
        *((path, WHOLE + 1, "text/html", "请求编号：") for path in WITH_FILES),
        ("/desk/visits", WHOLE + 1, "application/json", '"status":413'),
        ("/me/email", 20_000_001, "text/html", "请求编号："),
        ("/report", 20_000_001, "text/html", "请求编号："),
    ],
)
def test_a_form_that_is_too_large_is_told_what_to_do(
    city: Town, path: str, size: int, accept: str, shown: str
) -> None:
    answer = announced(city, path.format(matter=city.ids["matter"]["own"]), size, accept)
    assert answer.startswith("HTTP/1.1 413 ")
    assert "附件每个不超过 12 MB，一次最多 10 个。请用浏览器的后退回到上一页" in answer
    assert shown in answer
