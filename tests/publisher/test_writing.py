"""What stands on a page is escaped, whichever way it is written."""

from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup, escape

from publisher.pages.render import environment
from publisher.pages.writing import marked, shown, spelt

TEXTS = st.text(alphabet=st.sampled_from("新东方 <>&'\"aｂ"))
VALUES = st.one_of(TEXTS, TEXTS.map(Markup), st.integers(), st.none(), st.booleans())


@given(VALUES)
def test_a_value_is_shown_as_markupsafe_would(value: object) -> None:
    assert shown(value) == escape(value)
    page = environment().from_string("{% macro m(v) %}{{ v }}{% endmacro %}{{ v }}|{{ m(v) }}")
    assert page.render(v=value) == f"{escape(value)}|{escape(value)}"


@given(st.lists(TEXTS), st.lists(st.sampled_from(["东", "新东", "b", "<", "a"])))
def test_a_name_holds_no_tags_but_ours(parts: list[str], words: list[str]) -> None:
    written = spelt(parts, tuple(words))
    plain = written
    for tag in ("<mark>", "</mark>"):
        plain = Markup(str(plain).replace(tag, ""))  # noqa: S704 what is looked at
    assert str(plain) == "<wbr>".join(str(escape(one)) for one in parts)


def test_the_longest_word_is_marked_where_it_stands() -> None:
    assert marked("新东方教育", ("东", "新东方")) == "<mark>新东方</mark>教育"
    assert marked("<新>", ("新",)) == "&lt;<mark>新</mark>&gt;"
