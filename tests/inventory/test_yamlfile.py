"""YAML is read event by event: a hostile text is refused at once, any other has a meaning."""

import contextlib
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fairlead.inventory import site
from fairlead.model.errors import SiteError
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
    began = time.monotonic()
    with pytest.raises(SiteError):
        load(folder, text)
    assert time.monotonic() - began < 1


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
