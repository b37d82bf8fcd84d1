"""An independent implementation of RFC 8785 gives the same bytes as ours for what is published."""

import msgspec
import rfc8785
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from publisher.edition import Entry
from scoring.canonical import canonical
from tests.publisher.test_release import edition

ONE = edition()


def independent(value: object) -> bytes:
    plain = msgspec.to_builtins(value, builtin_types=(), enc_hook=str)
    return rfc8785.dumps(plain)


def test_every_entry_and_the_manifest_are_canonical() -> None:
    assert canonical(ONE.manifest) == independent(ONE.manifest)
    assert [canonical(one) for one in ONE.entries] == [independent(one) for one in ONE.entries]


@given(st.text(), st.text())
def test_any_text_is_written_as_the_standard_says(name: str, address: str) -> None:
    entry: Entry = structs.replace(ONE.entries[0], name=name, addresses=(address,))
    assert canonical(entry) == independent(entry)
