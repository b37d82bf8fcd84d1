"""On which line of a TOML text each of its values stands; the text is known to be valid TOML."""

import re
import tomllib

Path = tuple[str | int, ...]

# What may stand between the values of an array: blanks, line ends, comments.
_GAP = re.compile(r"(?:[ \t\n]|#[^\n]*)*")
_BLANK = re.compile(r"[ \t]*")
_LINE = re.compile(r"[^\n]*\n?")
_BARE = re.compile(r"[A-Za-z0-9_-]+")
_QUOTED = re.compile(r"\"(?:\\.|[^\"\\])*\"|'[^']*'")
# A text of several lines may end with up to two quotes of its own before the three that close it.
_TEXT = re.compile(
    r"\"\"\"(?:\\.|[^\\])*?\"{3,5}|'''.*?'{3,5}|" + _QUOTED.pattern,
    re.DOTALL,
)
_PLAIN = re.compile(r"[^,\]}#\n]+")


class Lines:
    """The lines of a text's values, by their paths such as ("indicators", 2, "points")."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._line, self._counted = 1, 0
        self._found: dict[Path, int] = {}
        self._elements: dict[Path, int] = {}
        table: Path = ()
        self._take(_GAP)
        while self._at < len(text):
            table = self._statement(table)
            self._take(_LINE)
            self._take(_GAP)

    def of(self, path: Path) -> int:
        """The line of a value, or of the nearest one around it that has a line."""
        while path and path not in self._found:
            path = path[:-1]
        return self._found.get(path, 1)

    def _statement(self, table: Path) -> Path:
        """Notes one header or one value; gives the table the next values belong to."""
        if self._take_if("[["):
            key = self._key()
            array = self._table(key[:-1]) + key[-1:]
            index = self._elements.get(array, 0)
            self._elements[array] = index + 1
            table = (*array, index)
            self._note(table)
        elif self._take_if("["):
            table = self._table(self._key())
            self._note(table)
        else:
            self._value(table + self._key())
        return table

    def _table(self, key: Path) -> Path:
        """The path a header's key names: in an array of tables it means the newest element."""
        path: Path = ()
        for part in key:
            path = (*path, part)
            if path in self._elements:
                path = (*path, self._elements[path] - 1)
        return path

    def _key(self) -> Path:
        """A key of one or more parts; the equals sign after it is taken too."""
        parts: list[str] = []
        while True:
            self._take(_BLANK)
            if quoted := self._take(_QUOTED):
                parts.extend(tomllib.loads(f"key = {quoted}").values())
            else:
                parts.append(self._take(_BARE))
            self._take(_BLANK)
            if not self._take_if("."):
                self._take_if("=")
                return tuple(parts)

    def _value(self, path: Path) -> None:
        self._take(_BLANK)
        self._note(path)
        if self._take_if("["):
            index = 0
            while self._more("]"):
                self._value((*path, index))
                index += 1
        elif self._take_if("{"):
            while self._more("}"):
                self._value(path + self._key())
        elif not self._take(_TEXT):
            self._take(_PLAIN)

    def _more(self, end: str) -> bool:
        """Whether another value follows before the end of an array or an inline table."""
        self._take(_GAP)
        self._take_if(",")
        self._take(_GAP)
        return not self._take_if(end) and self._at < len(self._text)

    def _note(self, path: Path) -> None:
        self._line += self._text.count("\n", self._counted, self._at)
        self._counted = self._at
        self._found[path] = self._line
        for size in range(1, len(path)):
            # A table that only its parts name begins where its first part stands.
            self._found.setdefault(path[:size], self._line)

    def _take(self, pattern: re.Pattern[str]) -> str:
        found = pattern.match(self._text, self._at)
        self._at = found.end() if found else self._at
        return found.group() if found else ""

    def _take_if(self, sign: str) -> bool:
        there = self._text.startswith(sign, self._at)
        self._at += len(sign) if there else 0
        return there
