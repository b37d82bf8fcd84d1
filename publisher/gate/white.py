"""Who would lose the white list by an edition, and why: what has to be told before it is released."""

from collections.abc import Collection, Iterable, Iterator

import msgspec
from msgspec import Struct

from publisher.changes import Change
from publisher.edition import Edition, is_withdrawn
from publisher.gate.assertions import leaves
from registry.queries.white_losses import Loss
from scoring.rating import Lasting
from scoring.telling import vetoed


class _Rated(Struct, frozen=True):
    """Of a line, the rating."""

    rating: Lasting


def losses_of(
    edition: Edition, changed: Iterable[Change], stood: Collection[str] = ()
) -> Iterator[Loss]:
    """Whoever is on the list no more without a list decision, in which they have been heard already.

    `stood` are those on it whose entries have been withdrawn since: of them the edition before says nothing.
    """
    gone = {
        one.institution: one
        for one in changed
        if (leaves("white", one) or one.institution in stood)
        and one.after.split(" ")[0] in ("none", "new")
    }
    standing = (line for line in edition.lines if not is_withdrawn(line))
    decoder = msgspec.json.Decoder(_Rated)
    for listed, line in zip(edition.listed, standing, strict=True):
        if change := gone.get(listed.institution):
            red = vetoed(decoder.decode(line).rating)
            yield Loss(institution=change.institution, because=change.why, red=red)
