"""A phone without a network refuses what the server will refuse: the same rule, from one source."""

import json
import subprocess
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from registry.forms import SeenForm
from registry.forms.fields import NO_RESIDENT_NUMBER
from registry.inspector.printed import printed
from registry.resident_number import plain_of, resident_numbers

# Its source stands before the program: an older Node.js takes no file of this name for a module.
MODULE = Path("publisher/static/printed.js").read_text("utf-8")
NUMBER = "330203199001010014"
WORDS = "三三〇二〇三一九九〇〇一〇一〇〇一四"
PROGRAM = (
    f'{MODULE}\nlet text = "";'
    "for await (const part of process.stdin) text += part; const { rule, texts } = JSON.parse(text);"
    'console.log(JSON.stringify(texts.map((one) => unprintable({ "statement-x1": one }, rule).length > 0)));'
)


def on_the_phone(texts: list[str]) -> list[bool]:
    said = json.dumps({"rule": json.loads(printed(SeenForm)), "texts": texts})
    command = ["node", "--input-type=module", "-e", PROGRAM]
    done = subprocess.run(command, input=said, capture_output=True, text=True, check=True)
    found: list[bool] = json.loads(done.stdout)
    return found


def on_the_server(text: str) -> bool:
    return any(resident_numbers(plain_of(text)))


def hidden(number: str) -> st.SearchStrategy[str]:
    """A number of eighteen signs as people write it, near other things and perhaps with a slip."""
    gaps = st.lists(st.sampled_from(["", "", "", " ", "-", "\u200b", ".", "x"]), min_size=17)
    around = st.sampled_from(["", "张三", "A", "1", "，"])
    wide = st.booleans()

    def written(parts: list[str], before: str, after: str, wide: bool, slip: int) -> str:
        signs = list(number)
        signs[slip % 18] = str(slip % 10) if slip >= 18 else signs[slip % 18]
        text = "".join(sign + gap for sign, gap in zip(signs, [*parts, ""], strict=False))
        if wide:
            text = "".join(chr(ord(one) + 0xFEE0) if one.isdigit() else one for one in text)
        return before + text + after

    return st.builds(written, gaps, around, around, wide, st.integers(0, 60))


@given(st.lists(hidden(NUMBER), min_size=40, max_size=80))
@settings(max_examples=5, deadline=None)
def test_the_phone_finds_what_the_server_finds(texts: list[str]) -> None:
    assert on_the_phone(texts) == [on_the_server(one) for one in texts]


def test_the_rule_is_the_server_s_own() -> None:
    rule = json.loads(printed(SeenForm))
    assert rule["fields"] == ["article", "statement"]
    assert rule["said"] == NO_RESIDENT_NUMBER
    texts = [f"园长{NUMBER}", WORDS, NUMBER[:-1] + "9", "13900000000", "", "330203199002300018"]
    assert [on_the_server(one) for one in texts] == [True, True, False, False, False, False]
    assert on_the_phone(texts) == [True, True, False, False, False, False]
