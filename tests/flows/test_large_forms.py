"""Forms with files are taken as large as their hints promise; a larger one is refused in words that help."""

import asyncio
import socket
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from litestar._parsers import parse_url_encoded_form_data

from config.app import public_app
from config.settings import load_settings
from config.typed_forms import FIELDS
from registry.faces.door import ORDINARY
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
        *(
            (path, ORDINARY + 1, "text/html", "请求编号：")
            for path in ("/me/email", "/report", "/receipt", "/sign-in", "/desk/visits/preview")
        ),
    ],
)
def test_a_form_that_is_too_large_is_told_what_to_do(
    city: Town, path: str, size: int, accept: str, shown: str
) -> None:
    answer = announced(city, path.format(matter=city.ids["matter"]["own"]), size, accept)
    assert answer.startswith("HTTP/1.1 413 ")
    assert "附件每个不超过 12 MB，一次最多 10 个。请用浏览器的后退回到上一页" in answer
    assert shown in answer


@pytest.mark.parametrize("path", WITH_FILES)
def test_a_stranger_is_answered_before_a_large_form_is_read(city: Town, path: str) -> None:
    there = path.format(matter=city.ids["matter"]["own"])
    answer = announced(city, there, WHOLE - 1, "text/html")
    assert answer.startswith("HTTP/1.1 401 ")
    assert "请先登录。" in answer


def test_whoever_was_signed_in_finds_again_what_was_typed_beside_large_photos(city: Town) -> None:
    client = city.fresh()
    client.post("/sign-in", data={"account": "city.inspector", "password": "three plain words"})
    token = client.cookies["xinyong"]
    client.post("/sign-out")
    client.cookies.set("xinyong", token)
    photo = {"files-1": ("1.jpg", bytes(2 * ORDINARY))}
    answer = client.post("/desk/visits", data={"note": "附照片"}, files=photo)
    assert answer.status_code == 401
    assert "附照片" in answer.text


@pytest.mark.parametrize("path", ["/receipt/", "/report/", "/sign-in/"])
def test_a_form_of_too_many_fields_is_refused_unread(city: Town, path: str) -> None:
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = city.fresh().post(path, content=b"a=1&" * FIELDS, headers=headers)
    assert answer.status_code == 400
    assert "一次最多 5,000 项，请分几次提交" in answer.text


@pytest.mark.filterwarnings("ignore::litestar.exceptions.LitestarDeprecationWarning")
def test_no_form_stays_in_memory(tmp_path: Path) -> None:
    app = public_app(tmp_path, load_settings(None, {"XINYONG_DATA": str(tmp_path)}))
    before = parse_url_encoded_form_data.cache_info().currsize

    async def asked() -> None:
        transport = httpx.ASGITransport(app)  # type: ignore[arg-type] # of another hand's types
        async with httpx.AsyncClient(transport=transport, base_url="http://here") as client:
            for number in range(3):
                await client.post("/receipt/", data={"number": f"TS{number}", "secret": "x"})

    asyncio.run(asked())
    assert parse_url_encoded_form_data.cache_info().currsize == before
