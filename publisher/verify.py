"""Checks a released edition offline: no database, no network, nothing but its folder and a key."""

from collections import Counter
from collections.abc import Iterable, Iterator, Set
from datetime import date
from hashlib import sha256
from pathlib import Path

import msgspec
from msgspec import UNSET, Struct

from publisher import corrections, removals
from publisher.chain import links, rolled_back
from publisher.edition import Entry, Manifest, Tombstone, is_name, is_withdrawn, leaf, root
from publisher.paper_signing import check_papers
from publisher.program import program
from publisher.signed_folder import files, signatures
from scoring import Policy, PolicyError, Rating, assess, load_policy
from scoring.canonical import canonical
from scoring.decoding import UNREADABLE, decode_words
from scoring.derivation import bare

OTHER_PROGRAM = (
    "作出这一版的程序与本机的不同：等级、分数、日期和条文都已重新推出核对，说明文字的措辞没有核对。"
)
SIGNED = ("edition.json", "renderings.json")
UNLISTED = {*SIGNED, *(f"{name}.sig" for name in SIGNED)}


class Verdict(Struct, frozen=True, kw_only=True):
    """What a check found; an edition is whole when `problems` is empty.

    `withdrawn` of the lines are `tombstones`; `corrected` are the notices of correction it carries; `notes`
    say what could not be checked here.
    """

    edition: str
    entries: int
    withdrawn: int
    digest: str
    problems: tuple[str, ...]
    notes: tuple[str, ...]
    tombstones: tuple[Tombstone, ...] = ()
    corrected: int = 0


def verify(folder: Path, public_key: Path, settled: Set[bytes] = frozenset()) -> Verdict:
    """Signatures, digests, root, chain, and every rating derived again from the published facts.

    `settled` are the leaf hashes of lines that were derived before, by this program under this policy: of
    them only those that have fallen due since are derived again.
    """
    problems = [*signatures(folder, SIGNED, public_key), *files(folder, UNLISTED)]
    problems += check_papers(folder)
    notes: list[str] = []
    checked: _Lines | None = None
    digest = ""
    try:
        raw = (folder / "edition.json").read_bytes()
        digest = sha256(raw).hexdigest()
        manifest = msgspec.json.decode(raw, type=Manifest)
        lines = (folder / "entries.jsonl").read_bytes().splitlines()
        leaves = [leaf(line) for line in lines]
        problems += [*_named(folder, manifest), *_manifest(folder, manifest, raw, leaves)]
        checked = _Lines(manifest, load_policy((folder / "policy.toml").read_bytes()))
        problems += checked.check(zip(lines, leaves, strict=True), settled)
        problems += _beside(folder, manifest, digest)
        chain = links(folder, manifest)
        problems += [*chain.problems, *rolled_back(folder, manifest)]
        notes += chain.notes
        if manifest.program != program():
            notes.append(OTHER_PROGRAM)
    except OSError as missing:
        problems.append(f"缺少文件 {missing.filename}")
    except UNREADABLE as wrong:
        problems.append(f"内容不合格式：{decode_words(wrong)}")
    except PolicyError as refused:
        problems.append(f"policy.toml 不能用：{refused}")
    return Verdict(
        edition=folder.name,
        entries=checked.number if checked else 0,
        withdrawn=len(checked.tombstones) if checked else 0,
        digest=digest,
        problems=tuple(problems),
        notes=tuple(notes),
        tombstones=tuple(checked.tombstones) if checked else (),
        corrected=_corrected(folder),
    )


def _named(folder: Path, manifest: Manifest) -> Iterator[str]:
    """A folder that bears the name of another edition would pass one off for the other."""
    if is_name(folder.resolve().name) and folder.resolve().name != manifest.name:
        yield f"文件夹的名称是 {folder.resolve().name}，里面签名的却是 {manifest.name}"


def _manifest(folder: Path, manifest: Manifest, raw: bytes, leaves: list[bytes]) -> list[str]:
    problems = []
    if canonical(manifest) != raw:
        problems.append("edition.json 不是规范写法（RFC 8785）")
    if sha256((folder / "policy.toml").read_bytes()).hexdigest() != manifest.policy_digest:
        problems.append("policy.toml 与 edition.json 所记的评分办法不符")
    if root(leaves).hex() != manifest.root:
        problems.append("entries.jsonl 与 edition.json 的根校验码不符")
    return problems


def _beside(folder: Path, manifest: Manifest, digest: str) -> Iterator[str]:
    """What is told of removals and corrections belongs to this very edition, and is told as long as it may be."""
    if (folder / removals.NAME).exists():
        told = msgspec.json.decode((folder / removals.NAME).read_bytes(), type=removals.Removals)
        if (told.edition, told.digest) != (manifest.name, digest):
            yield f"{removals.NAME} 是另一个版次的"
        for one in told.removals:
            if one.until != removals.told_until(one.on):
                yield f"{removals.NAME} 写 {one.institution} 的移出告知到 {one.until}，不是满十二个月"
    file = folder / corrections.NAME
    promised = "" if manifest.corrections is UNSET else manifest.corrections
    found = sha256(file.read_bytes()).hexdigest() if file.exists() else ""
    if promised != found:
        yield f"{corrections.NAME} 与 edition.json 所记的更正公告不符"


def _corrected(folder: Path) -> int:
    try:
        return len(corrections.read_corrections(folder))
    except msgspec.DecodeError:
        return 0  # that it is not what was signed is told already


class _Lasts(Struct, frozen=True):
    """Of a rating, what is counted and how long it holds."""

    status: str
    changes_on: date | None = None


class _Settled(Struct, frozen=True):
    """Of a line that was derived before, what is still to be looked at."""

    institution: str
    jurisdiction: str
    rating: _Lasts


class _Unrated(Entry, frozen=True, kw_only=True):
    """Of a line all but its rating, which is derived and not read."""

    rating: msgspec.Raw  # type: ignore[assignment]


class _Lines:
    """The lines of an edition being checked one after another."""

    def __init__(self, manifest: Manifest, policy: Policy) -> None:
        self.manifest, self.policy = manifest, policy
        self.is_own = manifest.program == program()
        self.number = 0
        self.tombstones: list[Tombstone] = []
        self.last = ""
        self.counts = Counter[str]()
        self.placed = Counter[tuple[str, str]]()

    def check(self, lines: Iterable[tuple[bytes, bytes]], settled: Set[bytes]) -> Iterator[str]:
        """Every problem of every line, and of their sums."""
        yield from _of_policy(self.policy, self.manifest)
        quick, unrated = msgspec.json.Decoder(_Settled), msgspec.json.Decoder(_Unrated)
        for line, digest in lines:
            self.number += 1
            if is_withdrawn(line):
                stone = msgspec.json.decode(line, type=Tombstone)
                self.tombstones.append(stone)
                yield from self._canonical(stone, line)
                continue
            if digest in settled:
                one = quick.decode(line)
                if one.rating.changes_on is None or self.manifest.cut_off < one.rating.changes_on:
                    yield from self._seen(one, one.rating.status)
                    continue
            entry = unrated.decode(line)
            rating = self._derived(entry)
            if rating is not None and _is_written(entry, rating, line):
                yield from self._seen(entry, rating.status)
            else:
                yield from self._entry(msgspec.json.decode(line, type=Entry), rating, line)
        yield from self._counted()

    def _entry(self, entry: Entry, rightful: Rating | None, line: bytes) -> Iterator[str]:
        """Each institution stands once, in order, with its own facts, and its rating follows from them."""
        yield from self._seen(entry, entry.rating.status)
        if not entry.institution == entry.facts.institution == entry.rating.institution:
            yield f"entries.jsonl 第 {self.number} 行的 {entry.institution} 写着另一家机构的事实或者等级"
        yield from self._canonical(entry, line)
        printed = entry.rating.dated(self.manifest.cut_off)
        if rightful == printed:
            return
        if rightful is None or bare(rightful) != bare(printed):
            yield f"{entry.institution} {entry.name} 的等级不能由公布的事实和办法推出"
        elif self.is_own:
            yield f"{entry.institution} {entry.name} 的等级相符，说明文字不是作出这一版的程序写的"

    def _seen(self, one: Entry | _Settled, status: str) -> Iterator[str]:
        if one.institution <= self.last:
            yield f"entries.jsonl 第 {self.number} 行的 {one.institution} 重复或者不在次序上"
        self.last = one.institution
        self.counts[status] += 1
        self.placed[one.jurisdiction, status] += 1

    def _canonical(self, value: Struct, line: bytes) -> Iterator[str]:
        if canonical(value) != line:
            yield f"entries.jsonl 第 {self.number} 行不是规范写法（RFC 8785）"

    def _derived(self, entry: Entry) -> Rating | None:
        """The rating by the published facts; a fact no rule knows lets nothing follow."""
        try:
            return assess(entry.facts, self.policy, self.manifest.cut_off)
        except PolicyError:
            return None

    def _counted(self) -> Iterator[str]:
        """What was withdrawn is still counted, on the list on which it stood."""
        counts = Counter(self.manifest.counts)
        if self.counts - counts or sum((counts - self.counts).values()) != len(self.tombstones):
            yield "edition.json 的各名单家数与 entries.jsonl 不符"
        places = {
            one.id: one.counts for one in self.manifest.jurisdictions if one.counts is not UNSET
        }
        signed = Counter(
            {(id, status): many for id, of in places.items() for status, many in of.items()}
        )
        standing = Counter({key: many for key, many in self.placed.items() if key[0] in places})
        if standing - signed or (signed - standing).total() > len(self.tombstones):
            yield "edition.json 的各区域家数与 entries.jsonl 不符"


def _is_written(entry: _Unrated, rating: Rating, line: bytes) -> bool:
    """Whether a line is, to the byte, what this program writes of its facts: most are, and need no more."""
    if entry.institution != rating.institution:
        return False
    return canonical(msgspec.structs.replace(entry, rating=rating.lasting())) == line


def _of_policy(policy: Policy, manifest: Manifest) -> Iterator[str]:
    """The policy is the one that is named, and it was in force on the day of the cut-off."""
    if policy.id != manifest.policy:
        yield f"policy.toml 是 {policy.id}，edition.json 写的是 {manifest.policy}"
    on = manifest.cut_off
    if on < policy.since or (policy.until is not None and on >= policy.until):
        yield f"评分办法 {policy.id} 在截止日 {on} 没有施行"
