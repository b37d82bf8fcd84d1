"""The transition table is whole: every state is reached, every matter can end, and README prints it."""

from pathlib import Path

import pytest

from registry.procedure import TRANSITIONS, edges_from, markdown_table, states_of

README = Path(__file__).parents[2] / "README.md"
KINDS = sorted({edge.kind for edge in TRANSITIONS})


def test_readme_prints_the_table_as_it_is() -> None:
    assert markdown_table().strip() in README.read_text("utf-8")


@pytest.mark.parametrize("kind", KINDS)
def test_every_state_is_reached_from_the_beginning(kind: str) -> None:
    reached, left = {""}, [""]
    while left:
        for edge in edges_from(kind, left.pop()):
            if edge.target not in reached:
                reached.add(edge.target)
                left.append(edge.target)
    assert states_of(kind) <= reached


@pytest.mark.parametrize("kind", KINDS)
def test_a_matter_can_end_from_every_state(kind: str) -> None:
    ending = {state for state in states_of(kind) if not edges_from(kind, state)}
    assert ending
    before: set[str] = set()
    while before != ending:
        before = set(ending)
        ending |= {
            s for s in states_of(kind) if any(e.target in ending for e in edges_from(kind, s))
        }
    assert states_of(kind) <= ending
