"""Entries packed small: what most have in common is told once, in a dictionary that follows from the policy."""

import zlib

from scoring import PolicyError, assess, load_policy
from scoring.canonical import canonical
from scoring.facts import Facts

# As small as it gets for the time it takes.
LEVEL = 6


def dictionary_of(policy: bytes) -> str:
    """What entries have in common under a policy, so that each is packed into a tenth of its length."""
    facts = Facts(institution="", kind="培训机构", status="active", on_platform=True)
    found = canonical(facts)
    try:
        loaded = load_policy(policy)
        found += canonical(assess(facts, loaded, loaded.since).lasting())
    except PolicyError:
        pass  # a policy that rates nothing like it has less in common
    return (found + _SAMPLE).decode()


def packed(line: bytes, dictionary: str) -> bytes:
    """An entry's canonical line, packed."""
    packing = zlib.compressobj(LEVEL, zdict=dictionary.encode())
    return packing.compress(line) + packing.flush()


def unpacked(content: bytes, dictionary: str) -> bytes:
    """An entry's canonical line; the dictionary is the value of that name in `meta`."""
    return zlib.decompressobj(zdict=dictionary.encode()).decompress(content)


# The records that most entries have, in the words of RFC 8785.
_SAMPLE = (
    '"annual_inspections":[{"on":"2025-05-29","result":"合格","year":2024}],"charges_in_advance":true,'
    '"covers":[{"cancelled_on":null,"cover_class":"performance","insured_matches":true,"insurer":"保险",'
    '"policy_no":"","premium_paid":true,"since":"2025-01-01","sum_fen":500000000,"until":"2025-12-31"}],'
    '"custody":[{"bank":"银行","reported_on":"2026-10-20","since":"2022-01-01","until":null}],'
    '"inspections":[{"id":"","kind":"双随机","measures":[],"on":"2026-01-01","onsite":true}],"legal_form":"营利",'
    '"licences":[{"number":"教民1330200号","since":"2022-01-01","until":"2029-12-31"}],"records":[{"case":"",'
    '"code":"","events":[{"document_no":"","due_on":null,"on":"2025-01-01","state":"discovered"},'
    '{"document_no":"","due_on":null,"on":"2025-01-01","state":"confirmed"},'
    '{"document_no":"教改〔2025〕号","due_on":"2025-02-01","on":"2025-01-01","state":"ordered"},'
    '{"document_no":"","due_on":null,"on":"2025-02-01","state":"passed"}],"extent":1,"id":"","inspection":"",'
    '"kind":"finding","seen_on":"2025-01-01","statement":""}],"registrations":[{"number":"","since":"2022-01-01",'
    '"until":"2029-12-31"}],"legal_representative":"","licence_no":"教民号","names":[{"kind":"legal","since":'
    '"2022-01-01","text":"","until":null}],"organ":"教育局","predecessor":"","replies":[],"successor":""'
).encode()
