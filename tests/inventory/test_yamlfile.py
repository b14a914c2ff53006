"""YAML is read event by event: a hostile text is refused at once, any other has a meaning."""

import contextlib
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fairlead.inventory import site, yamlfile
from fairlead.model.errors import PluginError, SiteError
from tests.inventory.ropes import SYSTEMS, load


@pytest.mark.parametrize(
    "text",
    [
        "x-a: &a [1,1,1,1,1,1,1,1,1,1]\n"
        + "\n".join(
            f"x-{chr(98 + i)}: &{chr(98 + i)} [" + ",".join([f"*{chr(97 + i)}"] * 10) + "]"
            for i in range(9)
        ),
        "rope: " + "[" * 100_000,
        "rope: " + "[{a: " * 20_000,
        "rope: " + "- " * 100_000 + "1",
        "x-a: [" + "1," * 30_000 + "1]\n",
        "x-a: " + "1" * (1 << 20) + "\n",
        "rope: {count: " + "9" * 5000 + "}\n",
    ],
    ids=[
        "aliases of aliases",
        "brackets",
        "brackets and braces",
        "dashes",
        "a long list",
        "a large file",
        "a long number",
    ],
)
def test_a_hostile_file_is_refused_at_once(text, folder):
    began = time.process_time()
    with pytest.raises(SiteError):
        load(folder, text)
    assert time.process_time() - began < 1


_WORDS = [
    "hosts",
    "rope",
    "n1",
    "n[1-3]",
    ": ",
    "\n",
    "\n  ",
    "- ",
    "{",
    "}",
    "[",
    "]",
    ",",
    "&a ",
    "*a",
    "<<",
    "@io",
    "%",
    "extends",
    "s.yml",
    "'",
    '"',
    "4.10",
    "ends",
    "\t",
]


@given(st.one_of(st.text(max_size=60), st.lists(st.sampled_from(_WORDS), max_size=25).map("".join)))
@settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_any_text_is_a_site_or_a_sentence(folder, text):
    path = folder / "sites" / "s.yml"
    path.write_bytes(text.encode(errors="surrogatepass"))
    with contextlib.suppress(SiteError):
        site.load(path, SYSTEMS)


def test_a_text_is_data_with_places() -> None:
    tree = yamlfile.read("a: [1, x]\nb: {c: 4.10}\nx-d: 1\n", "f.yml")
    assert tree.plain() == {"a": [1, "x"], "b": {"c": 4.1}}
    number = tree.part("b").part("c")
    assert (number.value, number.where, number.written) == (4.1, "f.yml:2", "4.10")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        *(("22:30", "22:30"), ("yes", "yes"), ("on", "on"), ("~", None), ("TRUE", True)),
        *(
            ("007", "007"),
            ("-12", -12),
            ("1e3", 1000.0),
            (".5", 0.5),
            ("'1'", "1"),
            ("!!str 1", "1"),
        ),
        ("", None),
    ],
)
def test_scalars_are_those_of_yaml_1_2(text: str, value: object) -> None:
    assert yamlfile.read(text, "f.yml").plain() == value


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("a: 1\n---\nb: 2\n", "f.yml: holds a second document; take the line --- away"),
        ("a: 1\nb: 2\na: 3\n", "f.yml:3: the key 'a' stands twice; the first is at line 1"),
        (
            '"a\\nb": 1\n',
            "f.yml:1: the key 'a\\nb' has what cannot be printed; take it away",
        ),
        ("a: {b: !x 1}\n", "f.yml:1: a.b: the tag '!x' is refused; write plain values"),
        (
            "a: b: c\n",
            "f.yml:1: is not YAML: mapping values are not allowed in this context; quote",
        ),
    ],
)
def test_what_is_wrong_is_raised_as_the_caller_wants_it(text: str, sentence: str) -> None:
    with pytest.raises(PluginError) as error:
        yamlfile.read(text, "f.yml", PluginError)
    assert str(error.value).startswith(sentence)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.text(max_size=9),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.from_regex(r"[a-w][a-z]{0,5}", fullmatch=True), inner, max_size=3)
        ),
        max_leaves=9,
    )
)
@settings(max_examples=150, deadline=None)
def test_what_is_written_is_read_again(data: object) -> None:
    text = yamlfile.write({"key": data}, "a remark\nof two lines")
    assert text.startswith("# a remark\n# of two lines\n")
    assert yamlfile.read(text, "f.yml").plain() == {"key": data}
