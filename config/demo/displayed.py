"""What the demo's institutions show the public of themselves: numbers nobody has, and people who are nobody."""

from collections.abc import Iterator
from random import Random

from config.demo import names
from registry.credit_file import ContactRecord, StaffRecord

POSTS = ("教师", "教师", "教研", "助教")
LEVELS = ("小学", "初级中学", "高级中学")


def contacts(index: int) -> Iterator[ContactRecord]:
    """Of nine in ten a telephone; some a site or a mailbox under a name that is kept for examples (RFC 2606)."""
    random = _chance(index, "contacts")
    if random.random() < 0.1:
        return
    # No subscriber of Ningbo's has a number that begins with 9.
    own = f"0574-90{index:06d}"
    yield ContactRecord(kind="consult", text=own)
    if random.random() < 0.5:
        yield ContactRecord(kind="complaint", text=f"0574-91{index:06d}")
    if random.random() < 0.3:
        yield ContactRecord(kind="website", text=f"https://school-{index + 1}.example/")
    if random.random() < 0.3:
        yield ContactRecord(kind="email", text=f"office@school-{index + 1}.example")


def staff(index: int, subject: str) -> Iterator[StaffRecord]:
    """Of four in five the people they display, from two to six."""
    random = _chance(index, "staff")
    if random.random() < 0.2:
        return
    yield StaffRecord(name=names.person(random), post="校长")
    for number in range(random.randint(1, 5)):
        word = random.choice(names.SUBJECTS[subject])
        papers = random.random() < 0.8
        year, serial = random.randint(2005, 2024), index * 10 + number
        yield StaffRecord(
            name=names.person(random),
            post=random.choice(POSTS),
            subject=word,
            qualification=f"{random.choice(LEVELS)}教师资格" if papers else "",
            certificate=f"{year}33{random.randint(1, 7)}{serial:010d}" if papers else "",
        )


def _chance(index: int, what: str) -> Random:
    """A source of its own for each institution, so that what is shown changes nothing else of it."""
    return Random(f"{what}:{index}")  # noqa: S311 demo data, no secret
