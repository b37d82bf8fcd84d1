"""The random draw (双随机) as pure integer arithmetic: the same paper gives the same result on any machine.

A target's lot is u = (SHA-256(seed, "target", number) + 1) / 2^256; those with the largest u^(1/weight) are
drawn (Efraimidis and Spirakis 2006), compared exactly as u^other weight. Officers are dealt by least
load, then by the smallest SHA-256(seed, "officer", number, account), passing over whoever must recuse.
"""

from collections.abc import Sequence
from functools import cmp_to_key
from hashlib import sha256

import rfc8785
from msgspec import Struct, to_builtins

BITS = 256
HEAVIEST = 100


class Target(Struct, frozen=True, kw_only=True):
    """One institution in the pool: its grade on the day of the draw and the weight that follows from it."""

    id: str
    grade: str
    weight: int


class Excluded(Struct, frozen=True, kw_only=True):
    """An officer who is passed over for an institution, and why (行政处罚法 第四十三条)."""

    officer: str
    institution: str
    reason: str = ""


class Pool(Struct, frozen=True, kw_only=True):
    """Everything a draw is made from besides its seed and its size."""

    targets: tuple[Target, ...]
    officers: tuple[str, ...]
    recusals: tuple[Excluded, ...] = ()


class Lot(Struct, frozen=True, kw_only=True):
    """One institution drawn and the two officers who go there; empty where no two are left."""

    institution: str
    first: str
    second: str


class Paper(Struct, frozen=True, kw_only=True):
    """A draw as it is handed out: enough for anybody to draw it again."""

    id: str
    campaign: str
    on: str
    seed: str
    size: int
    pool: Pool
    pool_hash: str
    result: tuple[Lot, ...] = ()


def faults(paper: Paper) -> list[str]:
    """What does not agree when the paper is drawn again, a sentence each; empty if all does."""
    found = []
    if (again := hash_of(paper.pool)) != paper.pool_hash:
        found.append(f"名录的摘要应为 {again}，公告的是 {paper.pool_hash}。名录在公告后被改动过。")
    right = draw(paper.seed, paper.pool, paper.size)
    if not paper.result:
        found.append("还没有抽取结果，只能核对名录的摘要。")
    elif right != paper.result:
        first = next(
            (
                f"第 {at} 家应为 {one.institution}（{one.first}、{one.second}）"
                for at, (one, other) in enumerate(zip(right, paper.result, strict=False), 1)
                if one != other
            ),
            f"应抽出 {len(right)} 家，记载的是 {len(paper.result)} 家",
        )
        found.append(f"重新抽取的结果和记载的不同：{first}。")
    return found


def canonical(pool: Pool) -> bytes:
    """The pool as canonical JSON (RFC 8785), in order of numbers, so that equal pools have equal bytes."""
    ordered = Pool(
        targets=tuple(sorted(pool.targets, key=lambda one: one.id)),
        officers=tuple(sorted(pool.officers)),
        recusals=tuple(sorted(pool.recusals, key=lambda one: (one.officer, one.institution))),
    )
    return rfc8785.dumps(to_builtins(ordered))


def hash_of(pool: Pool) -> str:
    """SHA-256 of the canonical pool, published before the draw."""
    return sha256(canonical(pool)).hexdigest()


def draw(seed: str, pool: Pool, size: int) -> tuple[Lot, ...]:
    """The institutions drawn, in the order drawn, each with its two officers."""
    return deal(seed, drawn(seed, pool.targets, size), pool)


def drawn(seed: str, targets: Sequence[Target], size: int) -> tuple[str, ...]:
    """The numbers drawn without replacement, heavier ones more often, the order of the pool all the same."""
    lots = [(_lot(seed, "target", one.id) + 1, one) for one in targets if one.weight > 0]
    lots.sort(key=cmp_to_key(_before))
    return tuple(one.id for _, one in lots[:size])


def deal(seed: str, institutions: Sequence[str], pool: Pool) -> tuple[Lot, ...]:
    """Two officers for each institution, the load as even as recusals allow."""
    load = dict.fromkeys(sorted(pool.officers), 0)
    barred = {(one.officer, one.institution) for one in pool.recusals}
    found = []
    for id in institutions:
        free = [one for one in load if (one, id) not in barred]
        free.sort(key=lambda one: (load[one], _lot(seed, "officer", id, one), one))
        pair = free[:2] if len(free) > 1 else ["", ""]
        for one in filter(None, pair):
            load[one] += 1
        found.append(Lot(institution=id, first=pair[0], second=pair[1]))
    return tuple(found)


def _lot(*words: str) -> int:
    """A number below 2^256 that nobody can steer; words are kept apart by line ends."""
    return int.from_bytes(sha256("\n".join(words).encode()).digest(), "big")


def _before(one: tuple[int, Target], other: tuple[int, Target]) -> int:
    """Negative when the first is drawn before the second: u^(1/w) > v^(1/x), that is u^x > v^w."""
    (a, left), (b, right) = one, other
    mine = a**right.weight << BITS * left.weight
    its = b**left.weight << BITS * right.weight
    if mine != its:
        return -1 if mine > its else 1
    return -1 if left.id < right.id else 1
