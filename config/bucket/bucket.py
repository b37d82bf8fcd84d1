"""One folder of an S3-compatible store: whole objects, put and got by name."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from hashlib import md5
from typing import Any
from urllib.parse import urlsplit

import obstore
from msgspec import Struct
from obstore.exceptions import (
    BaseError,
    NotFoundError,
    PermissionDeniedError,
    UnauthenticatedError,
)
from obstore.store import S3Store

from config.bucket.errors import BucketAway, BucketClosed, NoBucket, NotThere
from config.city import EditionStore
from config.settings import Settings

PATIENCE = timedelta(minutes=10)  # for one object, on a slow line


class Object(Struct, frozen=True):
    """What the list of a store says of an object: most give the MD5 of what was put as its tag."""

    size: int
    tag: str

    def holds(self, content: bytes) -> bool:
        """Whether the object is known to hold exactly these bytes."""
        return self.size == len(content) and self.tag == tag_of(content)


def tag_of(content: bytes) -> str:
    """The tag of an object that was put in one piece."""
    return md5(content, usedforsecurity=False).hexdigest()


def require_store(settings: Settings) -> EditionStore:
    """The store of a city's settings; raises NoBucket."""
    if settings.city.store is None:
        raise NoBucket(settings.name)
    return settings.city.store


class Bucket:
    """The store a city's `[store]` names. Raises BucketAway, BucketClosed, NotThere."""

    def __init__(self, settings: Settings) -> None:
        said = require_store(settings)
        there = urlsplit(said.url)
        self.where = said.url
        who: dict[str, Any] = {"skip_signature": True}  # what all the world may read
        if settings.store_key:
            who = {
                "access_key_id": settings.store_key,
                "secret_access_key": settings.store_secret,
            }
        of = urlsplit(said.endpoint)
        self.store = S3Store(
            there.netloc,
            prefix=there.path.strip("/") or None,
            endpoint=said.endpoint.rstrip("/"),
            region=said.region,
            **who,
            disable_bulk_delete=True,  # not every store knows it, and its refusals say less
            # Where the bucket is a host of its own, as some clouds want it, its name is no folder.
            virtual_hosted_style_request=(of.hostname or "").split(".")[0] == there.netloc,
            client_options={
                "allow_http": of.scheme == "http",
                "timeout": PATIENCE,
                "connect_timeout": timedelta(seconds=10),
            },
            retry_config={"max_retries": 3, "retry_timeout": timedelta(seconds=30)},
        )

    def listed(self) -> dict[str, Object]:
        """Every object by its name."""
        with self._told(""):
            found: dict[str, Object] = {}
            for page in obstore.list(self.store, chunk_size=1000):
                for one in page:
                    tag = (one["e_tag"] or "").strip('"').lower()
                    found[one["path"]] = Object(one["size"], tag)
            return found

    def get(self, name: str) -> bytes:
        """What an object holds."""
        with self._told(name):
            return bytes(obstore.get(self.store, name).bytes())

    def put(self, name: str, content: bytes) -> None:
        """Makes an object hold this; others see all of it or what was there before."""
        with self._told(name):
            obstore.put(self.store, name, content, use_multipart=False)

    def delete(self, name: str) -> None:
        """Takes an object away; one that is not there is no mistake."""
        with self._told(name):
            try:
                obstore.delete(self.store, name)
            except FileNotFoundError:
                return

    @contextmanager
    def _told(self, name: str) -> Iterator[None]:
        try:
            yield
        except (NotFoundError, FileNotFoundError):
            raise NotThere(self.where, name or "这个桶") from None
        except (PermissionDeniedError, UnauthenticatedError) as wrong:
            raise BucketClosed(self.where, _short(wrong)) from None
        except BaseError as wrong:
            said = _short(wrong)
            if said == "NoSuchBucket":
                raise NotThere(self.where, "这个桶") from None
            kind = BucketClosed if "403 Forbidden" in str(wrong) else BucketAway
            raise kind(self.where, said) from None


def _short(wrong: Exception) -> str:
    """The store's own word for what is wrong; else what the connection said, for whoever must find out.

    How long it took and how often it was tried is left out, so that the same trouble reads the same again.
    """
    said = str(wrong).split("\n\nDebug source")[0]
    code = re.search(r"<Code>(\w+)</Code>", said)
    return code[1] if code else " ".join(said.split()).rpartition(" - ")[2][:200]
