"""The named assertions of the gate: what an edition must satisfy before a second person may sign it."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Set
from functools import cached_property

from msgspec import Struct

from publisher.changes import Change, Standing
from publisher.edition import Edition, is_withdrawn, root
from publisher.gate.bounds import Bounds, ListBounds
from publisher.gate.fields import CONTACT, NUMBER, TEXT, WORDS, looked_through, texts
from publisher.gate.privacy import KINDS, OF_CONTACTS, OF_NUMBERS, personal
from publisher.listed import Listed
from registry.drafts import LISTS, Violation

LISTED = ("black", "watch")
# For what alone a kind of field is read; any other for everything.
LOOKED_FOR = {NUMBER: OF_NUMBERS, CONTACT: OF_CONTACTS}


class Found(Struct, frozen=True, kw_only=True):
    """Where an assertion does not hold, and what was found there."""

    said: str
    about: str = ""
    name: str = ""
    remedy: str = ""
    acceptable: bool = True


class Looked(Struct, frozen=True, kw_only=True, dict=True):
    """What the assertions look at: an edition, where everyone stood before, what changes, the bounds.

    Of the lines that are `held` it is known that they hold what is asserted of a line by itself.
    """

    edition: Edition
    was: Mapping[str, Standing | Listed]
    changes: tuple[Change, ...]
    bounds: Bounds
    follows: bool = True
    held: Set[bytes] = frozenset()

    @cached_property
    def fresh(self) -> list[Listed]:
        """The entries that are to be looked at one by one."""
        standing = (line for line in self.edition.lines if not is_withdrawn(line))
        pairs = zip(self.edition.listed, standing, strict=True)
        return [one for one, line in pairs if line not in self.held]

    @cached_property
    def named(self) -> dict[str, str]:
        """The name of each institution of the edition."""
        return {one.institution: one.name for one in self.edition.listed}

    @cached_property
    def read(self) -> list[tuple[str, list[str], list[tuple[str, str, str]]]]:
        """Of each line whose it is, its fields that may not be public, and what people typed into it."""
        found = []
        for line in self.edition.lines:
            if line in self.held:
                continue
            value, odd, schema = looked_through(line, withdrawn=is_withdrawn(line))
            typed = list(texts(value, schema))
            found.append((str(value.get("institution") or ""), odd, typed))
        # Told of an institution beside its line: why it is corrected, and why it was withdrawn.
        for one in self.edition.corrections:
            said = [("corrections.name", TEXT, one.name), ("corrections.reason", TEXT, one.reason)]
            paper = ("corrections.document_no", NUMBER, one.document_no)
            found.append((one.institution, [], [*said, paper]))
        for gone in self.edition.removals:
            told = [("removals.name", TEXT, gone.name), ("removals.reason", TEXT, gone.reason)]
            found.append((gone.institution, [], told))
        return found

    def of(self, key: str) -> ListBounds:
        """The bounds of a list."""
        return self.bounds.lists.get(key, ListBounds())


Check = Callable[[Looked], Iterator[Found]]


class Assertion(Struct, frozen=True, kw_only=True):
    """One thing that must hold: a stable code, its name, what to do where it does not.

    One that is not `acceptable` is never let pass, by nobody and for no reason.
    """

    code: str
    title: str
    remedy: str
    check: Check
    acceptable: bool = True


def doubts(looked: Looked) -> tuple[tuple[Violation, ...], tuple[str, ...]]:
    """Every violation, in order of assertion, and the names of the assertions that hold."""
    found: list[Violation] = []
    passed = []
    for one in ASSERTIONS:
        wrong = [
            Violation(
                code=one.code,
                title=one.title,
                about=each.about,
                name=each.name,
                said=each.said,
                remedy=each.remedy or one.remedy,
                acceptable=one.acceptable and each.acceptable,
            )
            for each in one.check(looked)
        ]
        found += wrong
        if not wrong:
            passed.append(one.title)
    return tuple(found), tuple(passed)


def _at(who: tuple[str, str], said: str) -> Found:
    return Found(said=said, about=who[0], name=who[1])


def _total(looked: Looked) -> Iterator[Found]:
    many, bounds = len(looked.edition.lines), looked.bounds
    if many < bounds.min_institutions:
        yield Found(said=f"只有 {many} 家机构，少于下限 {bounds.min_institutions} 家")
    if many > bounds.max_institutions:
        yield Found(said=f"有 {many} 家机构，多于上限 {bounds.max_institutions} 家")


def _sums(looked: Looked) -> Iterator[Found]:
    manifest, lines = looked.edition.manifest, looked.edition.lines
    counted = sum(manifest.counts.values())
    if counted != len(lines):
        yield Found(said=f"各名单合计 {counted} 家，条目却有 {len(lines)} 条")
    stands = Counter(one.rating.status for one in looked.edition.listed)
    if not stands <= Counter(manifest.counts):
        yield Found(said="各名单家数与条目不符")
    if root(looked.edition.leaves).hex() != manifest.root:
        yield Found(said="条目与版次清单的根校验码不符")


def _follows(looked: Looked) -> Iterator[Found]:
    if not looked.follows:
        yield Found(said="版次清单写的上一版不在版次文件夹里，看不出这一版改变了什么")


def _lists(looked: Looked) -> Iterator[Found]:
    for key in LISTS:
        many, of = looked.edition.manifest.counts.get(key, 0), looked.of(key)
        if many < of.min:
            yield Found(about=key, said=f"{LISTS[key]}只有 {many} 家，少于下限 {of.min} 家")
        if of.max is not None and many > of.max:
            yield Found(about=key, said=f"{LISTS[key]}有 {many} 家，多于上限 {of.max} 家")


def _moves(looked: Looked) -> Iterator[Found]:
    if not looked.was:
        return
    for key in LISTS:
        of = looked.of(key)
        came = sum(enters(key, one) for one in looked.changes)
        went = sum(leaves(key, one) for one in looked.changes)
        if of.max_added is not None and came > of.max_added:
            said = f"{LISTS[key]}列入 {came} 家，超过上限 {of.max_added} 家"
            yield Found(about=key, said=said)
        if of.max_removed is not None and went > of.max_removed:
            said = f"{LISTS[key]}移出 {went} 家，超过上限 {of.max_removed} 家"
            yield Found(about=key, said=said)


def _changed(looked: Looked) -> Iterator[Found]:
    many, last, most = len(looked.changes), len(looked.was), looked.bounds.max_change_percent
    if last and many * 100 > most * last:
        yield Found(said=f"有 {many} 家变化，超过上一版 {last} 家的 {most}%")


def _black(looked: Looked) -> Iterator[Found]:
    many, most = sum(enters("black", one) for one in looked.changes), looked.bounds.max_new_black
    if looked.was and many > most:
        yield Found(said=f"新列入黑名单 {many} 家，超过上限 {most} 家")


def _places(looked: Looked) -> Iterator[Found]:
    before = Counter(one.jurisdiction for one in looked.was.values())
    now = Counter(one.jurisdiction for one in looked.edition.listed)
    names = {one.id: one.name for one in looked.edition.manifest.jurisdictions}
    most = looked.bounds.max_place_loss_percent
    for id, many in sorted(before.items()):
        lost = many - now[id]
        if lost * 100 > most * many:
            name = names.get(id, f"区域 {id}")
            said = (
                f"{name}减少 {lost} 家（上一版 {many} 家，本版 {now[id]} 家），超过警戒线 {most}%"
            )
            yield Found(about=id, said=said)


def _decisions(looked: Looked) -> Iterator[Found]:
    for entry in looked.fresh:
        if entry.rating.status not in LISTED:
            continue
        listing = entry.listing
        who = (entry.institution, entry.name)
        if listing is None:
            yield _at(who, "在名单内，却没有列入决定")
            continue
        fields = {"文号": "document_no", "作出机关": "organ", "条文": "article"}
        lacks = [word for word, field in fields.items() if not getattr(listing, field).strip()]
        if lacks:
            yield _at(who, f"列入决定 {listing.id} 没有{'、'.join(lacks)}")
        if listing.list != entry.rating.status:
            yield _at(who, f"列入决定 {listing.id} 是另一张名单的")


def _reasons(looked: Looked) -> Iterator[Found]:
    for entry in looked.fresh:
        who = (entry.institution, entry.name)
        if any(not one.reference.article.strip() for one in entry.rating.reasons):
            yield _at(who, "有扣分没有依据条文")
        listing = entry.listing
        if listing is not None and not listing.reason.strip():
            yield _at(who, f"列入决定 {listing.id} 没有原因")
        # A policy without conditions keeps no lists, and has nothing to explain.
        unlisted = entry.rating.status not in ("white", *LISTED) and entry.rating.conditions
        if unlisted and not entry.why:
            yield _at(who, "不在白名单，却没有说明原因")


def _fields(looked: Looked) -> Iterator[Found]:
    for about, odd, _ in looked.read:
        if odd:
            name = looked.named.get(about, "")
            yield Found(about=about, name=name, said=f"有不得公开的字段：{'、'.join(odd)}")


def _privacy(looked: Looked) -> Iterator[Found]:
    numbers = looked.bounds.public_numbers
    for about, _, typed in looked.read:
        name = looked.named.get(about, "")
        # A name that is itself at fault must not stand in the warning.
        shown = "" if personal(name, numbers) else name
        for path, kind, text in typed:
            for one in personal(text, numbers, LOOKED_FOR.get(kind, ())):
                certain = one.kind == "resident"
                yield Found(
                    about=about,
                    name=shown,
                    said=f"“{WORDS.get(path, path)}”含有{KINDS[one.kind]}（{one.masked}）",
                    remedy="请更正这条记录，删去它再重新拟制" if certain else "",
                    acceptable=not certain,
                )


ASSERTIONS: tuple[Assertion, ...] = (
    Assertion(
        code="count-total",
        title="机构总数在界限内",
        remedy="请核对登记库是否完整；确实如此的，请写明理由放行",
        check=_total,
    ),
    Assertion(
        code="count-sums",
        title="各名单家数、条目和根校验码一致",
        remedy="请重新拟制；再出现时请停止发布，检查程序",
        check=_sums,
        acceptable=False,
    ),
    Assertion(
        code="chain",
        title="上一版在，可以比较",
        remedy="请从备份恢复上一版的文件夹，再重新拟制",
        check=_follows,
        acceptable=False,
    ),
    Assertion(
        code="count-list",
        title="每张名单的家数在界限内",
        remedy="请核对这张名单；确实如此的，请写明理由放行",
        check=_lists,
    ),
    Assertion(
        code="change-list",
        title="每张名单的列入和移出在界限内",
        remedy="请逐条核对；确实如此的，请写明理由放行",
        check=_moves,
    ),
    Assertion(
        code="change-total",
        title="变化的家数在界限内",
        remedy="请查明为什么变化这么多；确实如此的，请写明理由放行",
        check=_changed,
    ),
    Assertion(
        code="change-black",
        title="新列入黑名单的家数在界限内",
        remedy="请逐条核对；确实如此的，请写明理由放行",
        check=_black,
    ),
    Assertion(
        code="change-place",
        title="每个区域减少的家数在界限内",
        remedy="请查明减少的原因；确实如此的，请写明理由放行",
        check=_places,
    ),
    Assertion(
        code="decision",
        title="每条列入都有决定文号、机关和条文",
        remedy="请补正列入决定，或者不予列入，再重新拟制",
        check=_decisions,
        acceptable=False,
    ),
    Assertion(
        code="reason",
        title="每家都有原因，每项扣分都有依据条文",
        remedy="请补正记录或者评分办法，再重新拟制",
        check=_reasons,
        acceptable=False,
    ),
    Assertion(
        code="field",
        title="没有不得公开的字段",
        remedy="请从程序里去掉这个字段，再重新拟制",
        check=_fields,
        acceptable=False,
    ),
    Assertion(
        code="privacy",
        title="没有身份证号、电话、银行账号、住址和未成年人姓名",
        remedy="请更正这条记录，删去它再重新拟制；确实不是个人信息的，请写明理由放行",
        check=_privacy,
    ),
)


def enters(key: str, change: Change) -> bool:
    """Whether a change brings an institution onto a list."""
    return _where(change.after) == key != _where(change.before)


def leaves(key: str, change: Change) -> bool:
    """Whether a change takes an institution off a list."""
    return _where(change.before) == key != _where(change.after)


def _where(said: str) -> str:
    status = said.split(" ")[0]
    return "none" if status == "new" else status
