"""An entry becomes a tombstone, and every file of its edition is made again from what is left."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import date
from hashlib import sha256
from pathlib import Path

import msgspec
from msgspec import Struct

from publisher import corrections, removals
from publisher.changes import GONE, read_changes
from publisher.edition import Edition, Tombstone, folder_of, leaf, read_edition, whose
from publisher.entry_lines import lines_of
from publisher.kept import Kept
from publisher.listed import Listed
from publisher.release import Renderer, reissue
from publisher.removals import From, How, Removal, in_order, read_removals, told_until
from publisher.signing import is_signed
from scoring.canonical import canonical
from scoring.decoding import UNREADABLE, decode_words

INPUTS = ("entries.jsonl", "policy.toml", removals.NAME, corrections.NAME)


class WithdrawalRefused(Exception):
    """Nothing is withdrawn from an edition; the sentence says why and what to do."""


class Withdrawn(Struct, frozen=True, kw_only=True):
    """That an institution's entry is withdrawn from an edition: the day, why, how, and from which list."""

    institution: str
    on: date
    reason: str
    how: How = "withdrawn"
    listed: From = "record"


def shown_of(folder: Path, institutions: Collection[str]) -> dict[str, bytes]:
    """The lines of those institutions whose entry an edition still shows."""
    return {whose(line): line for line in lines_of(folder, institutions)}


def without(edition: Edition, gone: Mapping[str, Withdrawn], today: date) -> Edition:
    """The edition with tombstones for those entries, and the removals of whoever it is still told."""
    lines, buried = list(edition.lines), set[Removal]()
    decoder = msgspec.json.Decoder(Listed)
    for at, line in enumerate(lines):
        one = gone.get(whose(line))
        if one is None:
            continue
        buried.add(_removal(decoder.decode(line), one))
        lines[at] = canonical(Tombstone(hash=leaf(line).hex(), on=one.on, reason=one.reason))
    told = {one for one in {*edition.removals, *buried} if today <= one.until}
    return msgspec.structs.replace(edition, lines=tuple(lines), removals=in_order(told))


def _removal(entry: Listed, gone: Withdrawn) -> Removal:
    return Removal(
        institution=entry.institution,
        name=entry.name,
        jurisdiction=entry.jurisdiction,
        listed=gone.listed,
        how=gone.how,
        on=gone.on,
        until=told_until(gone.on),
        reason=gone.reason if gone.how == "withdrawn" else "",
    )


def bury(
    folder: Path,
    keys: Path,
    gone: Mapping[str, Withdrawn],
    today: date,
    renderers: Callable[[Kept], Iterable[Renderer]],
) -> bool:
    """Makes an edition's folder anew without those entries; whether there was anything to do.

    It is to do when an entry still stands, a removal is told longer than a year, or the files do not say
    of the edition before what of it is withdrawn and told. Raises WithdrawalRefused where the folder is not as
    it was signed, for its files are made from it; ReleaseRefused, NoExchange. `renderers` may take over
    from what is kept the files that say nothing of what changed.
    """
    edition = signed_edition(folder, keys / "bureau.pub")
    left = without(edition, gone, today)
    same = (left.lines, left.removals) == (edition.lines, edition.removals)
    before = folder_of(folder.parent, edition.manifest.previous)
    if same and (before is None or not is_stale(folder, before)):
        return False
    reissue(left, folder.parent, keys, renderers(Kept(folder, edition, keys)))
    return True


def is_stale(folder: Path, before: Path) -> bool:
    """Whether `changes.json` does not say yet, or says too long, of whom the edition before shows no entry.

    Nothing is read but whose the lines are, so that each day's run may ask it of every edition.
    """
    said = read_changes(folder)
    if said is None:
        return False
    gone = {one.institution for one in read_removals(before)}.difference(_shown(before))
    told = {one.institution for one in said if one.before == GONE}
    return bool(gone or told) and told != gone.intersection(_shown(folder))


def _shown(folder: Path) -> Iterator[str]:
    """Whose entries an edition shows."""
    with (folder / "entries.jsonl").open("rb") as lines:
        yield from map(whose, lines)


def signed_edition(folder: Path, public_key: Path) -> Edition:
    """A released edition whose files are made from what the bureau signed; raises WithdrawalRefused."""
    try:
        raw = (folder / "edition.json").read_bytes()
        listing = (folder / "renderings.json").read_bytes()
        signed = is_signed(raw, (folder / "edition.json.sig").read_bytes(), public_key)
        signed = signed and is_signed(
            listing, (folder / "renderings.json.sig").read_bytes(), public_key
        )
        listed = msgspec.json.decode(listing, type=dict[str, str])
        harmed = [name for name in INPUTS if _digest(folder / name) != listed.get(name, "")]
        edition = None if harmed or not signed else read_edition(folder)
    except OSError as wrong:
        raise WithdrawalRefused(_harmed(folder, f"读不了 {wrong.filename}")) from None
    except UNREADABLE as wrong:
        raise WithdrawalRefused(_harmed(folder, decode_words(wrong))) from None
    except ValueError:
        raise WithdrawalRefused(_harmed(folder, "entries.jsonl 被改动")) from None
    if edition is None:
        named = f"{'、'.join(harmed)} 被改动" if harmed else "签名不符"
        raise WithdrawalRefused(_harmed(folder, named))
    return edition


def _digest(file: Path) -> str:
    return sha256(file.read_bytes()).hexdigest() if file.exists() else ""


def _harmed(folder: Path, what: str) -> str:
    return (
        f"{folder.name} 的文件夹与签名时不同（{what}），没有从它撤回。"
        f"请用 xinyong verify {folder} 核对，从备份恢复这一版后再执行一次；撤回的登记已经保存。"
    )
