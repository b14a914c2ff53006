"""Groups that a source knows, in the node sets of a site."""

import pytest

from fairlead.inventory import site
from fairlead.model.errors import CommandLineError, SiteError
from fairlead.model.sources import SourceSettings

SITE = """
hosts: {"n[1-4]": {}}
groups: {io: n1, mine: "@slurm:batch!@io"}
sources:
  slurm: {cache: 60}
  racks: {from: slurm}
"""


class Asker:
    """Knows two groups; remembers what it was asked."""

    kinds = {"slurm": "somewhere"}

    def __init__(self):
        self.questions = []

    def settings_type(self, kind):
        return SourceSettings

    def members(self, path, source, spec, group):
        self.questions.append(f"{source}:{group}")
        if group == "gone":
            raise SiteError(f"@{source}:{group}", "is not known: no answer", "look")
        return {"batch": ("n1", "n2"), "foreign": ("n1", "x9")}[group]


def load(tmp_path, text=SITE, asker=None):
    (tmp_path / "s.yml").write_text(text)
    return site.load(tmp_path / "s.yml", {}, {}, asker or Asker())


def test_a_group_of_a_source_is_one_of_a_node_set(tmp_path):
    pier = load(tmp_path)
    assert pier.resolve("@slurm:batch,n4") == ("n1", "n2", "n4")
    assert pier.resolve("@racks:batch&n2") == ("n2",)
    assert pier.resolve("@mine") == ("n2",)


def test_a_source_is_asked_when_a_node_set_names_it(tmp_path):
    asker = Asker()
    pier = load(tmp_path, SITE.replace(', mine: "@slurm:batch!@io"', ""), asker)
    assert pier.resolve("@io") == ("n1",)
    assert asker.questions == []
    pier.resolve("@racks:batch")
    assert asker.questions == ["racks:batch"]


def test_only_the_groups_of_the_site_are_listed(tmp_path):
    assert list(load(tmp_path).groups) == ["io", "mine"]


REFUSED = {
    "@slurm:gone": (SiteError, "@slurm:gone: is not known: no answer; look"),
    "@slurm:foreign": (
        SiteError,
        "@slurm:foreign: names x9, which the site does not have; "
        "inv site.import --from=slurm shows their lines",
    ),
    "@other:batch": (
        CommandLineError,
        "--host: no such group '@other:batch'; groups: @io, @mine",
    ),
    "@slurm:": (
        CommandLineError,
        "--host: '@slurm:' is no node set; write n1, n[1-3,7], n[1-9]!n3 or @group",
    ),
}


@pytest.mark.parametrize("text", REFUSED)
def test_what_is_not_known_is_no_empty_group(tmp_path, text):
    error, words = REFUSED[text]
    with pytest.raises(error) as refused:
        load(tmp_path).resolve(text)
    assert str(refused.value) == words


WRONG = {
    "sources: [slurm]": "s.yml:2: sources: ",
    "sources: {slrm: {}}": "s.yml:2: sources.slrm: no such kind of source 'slrm'; name one by "
    "`from`: did you mean slurm? known: slurm",
    "sources: {slurm: {cach: 1}}": "s.yml:2: sources.slurm: no such key 'cach'; did you mean "
    "cache?",
    "sources: {slurm: 3}": "s.yml:2: sources.slurm: wanted a map; write slurm: {}",
}


@pytest.mark.parametrize("line", WRONG)
def test_a_source_that_is_wrong_is_told_with_its_line(tmp_path, line):
    with pytest.raises(SiteError) as refused:
        load(tmp_path, f"hosts: {{n1: {{}}}}\n{line}\n")
    assert str(refused.value).replace(f"{tmp_path}/", "").startswith(WRONG[line])
