"""The addresses in `city.toml` that are none, each with its field and what to write instead."""

import re
from collections.abc import Iterator

from config.city import City


def wrong_addresses(city: City) -> Iterator[tuple[str, str, str]]:
    """The field, what stands there and the remedy, of each address that cannot be used."""
    if city.site and not re.fullmatch(r"https?://\S+/", city.site):
        yield "site", city.site, "请写完整的网址，以 https:// 开头、以 / 结尾，或者空着"
    if city.security and not re.fullmatch(r"(mailto:|tel:|https://)\S+", city.security):
        remedy = "请写 mailto:、tel: 或者 https:// 开头的联系办法，或者空着"
        yield "security", city.security, remedy
    if city.time_stamps and not re.fullmatch(r"https?://\S+", city.time_stamps):
        yield "time_stamps", city.time_stamps, "请写时间戳服务（RFC 3161）的完整网址，或者空着"
    if city.store is None:
        return
    bucket = r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[A-Za-z0-9][A-Za-z0-9._-]*)*/?"
    if not re.fullmatch(bucket, city.store.url):
        remedy = "请写 s3://桶名/文件夹，文件夹只用字母、数字、点、- 和 _"
        yield "store.url", city.store.url, remedy
    if not re.fullmatch(r"https?://[^\s/?#@]+/?", city.store.endpoint):
        remedy = "请写对象存储的网址，如 https://s3.example.cn，不带路径和密码"
        yield "store.endpoint", city.store.endpoint, remedy
