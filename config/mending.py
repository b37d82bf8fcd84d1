"""How a mistake of a past edition was mended: withdrawn by its paper, or put right by a later edition."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from typing import Literal

from msgspec import Struct

from publisher.edition import Manifest
from registry.queries import WithdrawalLine
from scoring.hindsight import Wrong


class Mended(Struct, frozen=True, kw_only=True):
    """What mended the mistake about an institution: the edition where, the day, and the paper if there is one."""

    how: Literal["withdrawn", "reissued"]
    institution: str
    edition: str
    on: date
    document_no: str = ""
    reason: str = ""


class Mends:
    """Every withdrawal of a mistake up to a day, and which later editions mend one.

    What was withdrawn because its term was over was no mistake.
    """

    def __init__(self, withdrawals: Iterable[WithdrawalLine], knowing: date) -> None:
        self._withdrawn: dict[tuple[str, int], dict[str, WithdrawalLine]] = {}
        for one in withdrawals:
            if one.on <= knowing and one.how == "withdrawn":
                of = self._withdrawn.setdefault((one.period, one.number), {})
                of.setdefault(one.institution, one)

    def of(self, manifest: Manifest, wrong: Wrong, right: Iterable[Manifest]) -> Mended | None:
        """What mended a mistake of an edition; `right` are those that have it right and came out when it was known.

        What was published of a decision that is void is mended by its withdrawal, or by an edition in
        place of this one, not by the mere course of the months: 行政处罚法 第四十八条.
        """
        gone = self._withdrawn.get(manifest.order, {}).get(wrong.institution)
        if gone is not None:
            return _by(gone, manifest)
        void = any(one.fault in ("annulled", "dismissed") for one in wrong.causes)
        for one in right:
            if not void or one.period == manifest.period:
                return Mended(
                    how="reissued",
                    institution=wrong.institution,
                    edition=one.name,
                    on=one.released_on,
                )
        return None

    def withdrawn(
        self, manifest: Manifest, named: Collection[str], wanted: Sequence[str] | None
    ) -> tuple[Mended, ...]:
        """The withdrawals from an edition of whom no mistake is named, among those that are wanted."""
        of = self._withdrawn.get(manifest.order, {})
        return tuple(
            _by(line, manifest)
            for id, line in sorted(of.items())
            if id not in named and (not wanted or id in wanted)
        )


def _by(line: WithdrawalLine, manifest: Manifest) -> Mended:
    return Mended(
        how="withdrawn",
        institution=line.institution,
        edition=manifest.name,
        on=line.on,
        document_no=line.document_no,
        reason=line.reason,
    )
