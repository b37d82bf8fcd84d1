"""How templates write what they show: escaped, and names with the searched words marked."""

import re
from collections.abc import Iterable, MutableMapping
from functools import lru_cache
from typing import Any

from jinja2 import Environment, nodes
from jinja2.compiler import CodeGenerator
from jinja2.compiler import Frame as Scope
from markupsafe import Markup, escape

from publisher.grams import normalise
from publisher.print.lines import phrases

# What a page must not hold as it is; most texts hold none of it.
_SPECIAL = re.compile("[&<>'\"]").search


def shown(value: object) -> str:
    """A value as it stands on a page, escaped; the same as `markupsafe.escape`, and quicker for plain text."""
    if type(value) is str:
        return escape(value) if _SPECIAL(value) else value
    if type(value) is Markup:
        return value
    return escape(value)


class _Writing(CodeGenerator):
    """Writes templates that show their values by `shown`."""

    def _output_child_pre(self, node: nodes.Expr, frame: Scope, finalize: Any) -> None:
        if frame.eval_ctx.volatile or not frame.eval_ctx.autoescape or finalize.src is not None:
            super()._output_child_pre(node, frame, finalize)
        else:
            self.write("environment.shown(")


class Templates(Environment):
    """An environment all of whose templates share its globals: a chain of dictionaries is slow to go through."""

    code_generator_class = _Writing
    shown = staticmethod(shown)

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """The globals themselves; no template here has its own."""
        return self.globals


def spelt(parts: Iterable[str], words: tuple[str, ...] = ()) -> Markup:
    """A name in its parts, between which a line may break, with the searched words marked."""
    if words:
        longest = sorted(words, key=len, reverse=True)
        return Markup("<wbr>".join(_marked(one, longest) for one in parts))  # noqa: S704 escaped
    return Markup("<wbr>".join(map(shown, parts)))  # noqa: S704 escaped one by one


def named(name: str, words: tuple[str, ...] = ()) -> Markup:
    """A name in its parts, with the searched words marked."""
    parts, plain, written = _parts(name)
    return spelt(parts, words) if any(map(plain.__contains__, words)) else written


@lru_cache(maxsize=4096)
def _parts(name: str) -> tuple[tuple[str, ...], str, Markup]:
    """The parts of a name, how it is searched, and how it stands unmarked."""
    parts = tuple(phrases(name))
    return parts, name.casefold(), spelt(parts)


def marked(text: str, words: tuple[str, ...] = ()) -> Markup:
    """The text with the searched words marked where they stand in it as they were typed."""
    return Markup(_marked(text, sorted(words, key=len, reverse=True)))  # noqa: S704 escaped


def _marked(text: str, longest: list[str]) -> str:
    plain = text.casefold()
    for word in longest:
        at = plain.find(word)
        if at >= 0 and normalise(text[at : at + len(word)]) == word:
            end = at + len(word)
            return f"{shown(text[:at])}<mark>{shown(text[at:end])}</mark>{shown(text[end:])}"
    return shown(text)
