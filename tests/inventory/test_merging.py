"""New lines in a site file: what stands there stays, to the last remark."""

from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from fairlead.inventory import merging
from fairlead.inventory.fragment import Fragment
from fairlead.model.errors import SiteError

CASES = yaml.safe_load((Path(__file__).parent / "cases" / "merging.yml").read_text())
NEW = Fragment(hosts={"n9": {"address": "10.0.0.9"}}, groups={"new": "n9"}, remarks=())


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_the_lines_come_where_they_belong(case):
    if "refused" in case:
        with pytest.raises(SiteError) as refused:
            merging.merged(case["before"], "s.yml", NEW)
        assert str(refused.value) == case["refused"]
    else:
        assert merging.merged(case["before"], "s.yml", NEW) == case["after"]


def test_lines_that_end_as_on_windows_still_do():
    text = merging.merged("hosts:\r\n  n1: {}\r\n", "s.yml", NEW)
    assert text.count("\n") == text.count("\r\n") == 5


lines = st.lists(
    st.sampled_from(
        ["# a remark", "", "  # an indented one", "  m{}: {{}}", "  m{}: {{}} # its own"]
    ),
    max_size=8,
)


@given(lines, lines, st.booleans())
def test_every_line_stays_in_its_order(first, second, has_groups):
    hosts = [line.format(number) for number, line in enumerate([*first, *second])]
    groups = ["groups:", "  io: n1", "# behind"] if has_groups else []
    before = "\n".join(["# head", "hosts:", *hosts, *groups, "lab:", ""])
    after = merging.merged(before, "s.yml", NEW)
    remaining = iter(after.splitlines())
    assert all(line in remaining for line in before.splitlines())
    assert len(after.splitlines()) == len(before.splitlines()) + 2 + (not has_groups)
