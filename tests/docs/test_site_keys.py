"""docs/site-keys.md says what the types of a site file say."""

import re

from tests.docs import site_keys


def test_the_page_is_as_the_types_make_it():
    assert site_keys.PAGE.read_text("utf-8") == site_keys.page()


def test_every_key_says_what_it_means():
    rows = re.findall(r"^\| `(\S+)` \|.*\| (.*) \|$", site_keys.page(), re.M)
    assert len(rows) > 300
    assert [path for path, about in rows if not about.strip()] == []
