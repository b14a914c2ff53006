"""A node set is read the same everywhere, at once, and what is wrong is one sentence."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fairlead.inventory.nodesets import LIMIT, expand, fold, resolve
from fairlead.model.errors import CommandLineError, FairleadError, SiteError

KNOWN = ("n1", "n2", "n3", "n10", "n7", "wn024", "wn025", "bastion", "local")
GROUPS = {
    "io": "n[1-3]",
    "batch": "wn[024-025]",
    "both": "@io,@batch",
    "loop": "@pool",
    "pool": "n1,@loop",
    "typo": "n9",
}


@pytest.mark.parametrize(
    ("texts", "hosts"),
    [
        (["n1"], ("n1",)),
        (["n[1-3]"], ("n1", "n2", "n3")),
        (["n[1-3]!n3"], ("n1", "n2")),
        (["n[1-3]!n3,n3"], ("n1", "n2", "n3")),
        (["n[1-3]&@io"], ("n1", "n2", "n3")),
        (["@both&n[1-2]"], ("n1", "n2")),
        (["@io"], ("n1", "n2", "n3")),
        (["@both!n2"], ("n1", "n3", "wn024", "wn025")),
        (["@all!@both"], ("n10", "n7", "bastion")),
        (["wn[024-025]"], ("wn024", "wn025")),
        (["n7,n10"], ("n10", "n7")),
        (["bastion", "n1"], ("n1", "bastion")),
        (["n1", "n1,n[1-2]"], ("n1", "n2")),
        ([" n1 , n2 "], ("n1", "n2")),
        (["n[1-3/2]"], ("n1", "n3")),
        (["local"], ("local",)),
    ],
)
def test_texts_are_united_in_the_order_of_the_site(texts, hosts):
    assert resolve(texts, KNOWN, GROUPS, "--host") == hosts


@pytest.mark.parametrize(
    ("texts", "sentence"),
    [
        ([""], "--host is empty: an unset variable?"),
        (["n1", "  "], "--host is empty: an unset variable?"),
        ([], "--host: names no host; name at least one"),
        (["n1!n1"], "--host: names no host; name at least one"),
        (
            ["n01"],
            "--host: no such host 'n01'; did you mean n1? known: bastion,n[1-3,7,10],wn[024-025]",
        ),
        (
            ["wn24"],
            "--host: no such host 'wn24'; did you mean wn024? "
            "known: bastion,n[1-3,7,10],wn[024-025]",
        ),
        (
            ["bastoin"],
            "--host: no such host 'bastoin'; did you mean bastion? "
            "known: bastion,n[1-3,7,10],wn[024-025]",
        ),
        (["zz"], "--host: no such host 'zz'; known: bastion,n[1-3,7,10],wn[024-025]"),
        (["n14"], "--host: no such host 'n14'; known: bastion,n[1-3,7,10],wn[024-025]"),
        (["n[1-4]"], "--host: no such host 'n4'; known: bastion,n[1-3,7,10],wn[024-025]"),
        (
            ["@bath"],
            "--host: no such group '@bath'; did you mean @batch? "
            "groups: @io, @batch, @both, @loop, @pool, @typo",
        ),
        (
            ["@loop"],
            "--host: the group '@loop' holds itself; take one of them out: @loop > @pool > @loop",
        ),
        (["n1 n2"], "--host: 'n1 n2' is no node set; write n1, n[1-3,7], n[1-9]!n3 or @group"),
        (["n1,"], "--host: 'n1,' is no node set; write n1, n[1-3,7], n[1-9]!n3 or @group"),
        (["!n1"], "--host: '!n1' is no node set; write n1, n[1-3,7], n[1-9]!n3 or @group"),
        (["-n1"], "--host: '-n1' is no node set; write n1, n[1-3,7], n[1-9]!n3 or @group"),
        (["n*"], "--host: 'n*' is no node set; write n1, n[1-3,7], n[1-9]!n3 or @group"),
        (
            ["n1; touch /tmp/x"],
            "--host: 'n1; touch /tmp/x' is no node set; write n1, n[1-3,7], n[1-9]!n3 or @group",
        ),
        (["n[3-1]"], "--host: 'n[3-1]' is no node set; bad range: invalid values in range : 3-1"),
        (
            ["n[1-02]"],
            "--host: 'n[1-02]' is no node set; bad range: padding length mismatch : 1-02",
        ),
        (["n[1-99999999]"], "--host: 'n[1-99999999]' goes beyond 10,000 names; name fewer hosts"),
        (
            ["n[1-200]r[1-200]"],
            "--host: 'n[1-200]r[1-200]' goes beyond 10,000 names; name fewer hosts",
        ),
        (
            ["n[1-9999999999999999999]"],
            "--host: 'n[1-9999999999999999999]' goes beyond 10,000 names; name fewer hosts",
        ),
    ],
)
def test_what_is_wrong_is_one_sentence(texts, sentence):
    with pytest.raises(CommandLineError) as error:
        resolve(texts, KNOWN, GROUPS, "--host")
    assert str(error.value) == sentence


def test_the_error_is_the_askers():
    with pytest.raises(SiteError, match="no such host 'n9'"):
        resolve(["@typo"], KNOWN, GROUPS, "x.yml:3: groups.typo", SiteError)


def test_a_site_without_groups_says_so():
    with pytest.raises(CommandLineError, match="no such group '@io'; groups: none"):
        resolve(["@io"], KNOWN, {}, "--host")


def test_a_huge_set_answers_at_once():
    began = time.process_time()
    for text in ("n[1-99999999]", "n[1-9999]" * 20, ",".join(["n[1-9000]"] * 3)):
        with pytest.raises(CommandLineError, match="goes beyond"):
            expand(text, "--host")
    assert time.process_time() - began < 1


def test_groups_of_groups_do_not_multiply():
    groups = {f"g{i}": f"@g{i + 1},@g{i + 1}" for i in range(15)} | {"g15": "n1"}
    assert resolve(["@g0"], KNOWN, groups, "--host") == ("n1",)


def test_expanding_keeps_what_is_written():
    assert expand("b[1-2],a1", "hosts") == ("b1", "b2", "a1")
    assert len(expand(f"n[1-{LIMIT}]", "hosts")) == LIMIT


@pytest.mark.parametrize(
    ("names", "text"),
    [
        ([f"n{i}" for i in range(1, 14)], "n[1-13]"),
        (["n1"], "n1"),
        ([], ""),
        (["n1", "n01"], "n[1,01]"),
        (["n1", "n1", "local"], "local,n1"),
        (["n2", "n1", "n[x", "a b"], "n[1-2],n[x,a b"),
    ],
)
def test_names_are_folded(names, text):
    assert fold(names) == text


names = st.from_regex(r"[a-z0-9_][a-z0-9_.-]{0,5}[0-9]{0,4}", fullmatch=True)


@given(st.lists(names, min_size=1, max_size=30, unique=True))
@settings(max_examples=150, deadline=None)
def test_what_is_folded_is_found_again(hosts):
    assert resolve([fold(hosts)], hosts, {}, "--host") == tuple(hosts)


@given(st.one_of(st.text(max_size=40), st.text(alphabet="n1029[]-,!&@/io. \n", max_size=30)))
@settings(max_examples=400, deadline=None)
def test_any_text_gives_hosts_or_a_sentence(text):
    try:
        assert set(resolve([text], KNOWN, GROUPS, "--host")) <= set(KNOWN)
    except FairleadError:
        pass
    try:
        assert len(expand(text, "--host")) <= LIMIT
    except FairleadError:
        pass


class Counted(str):
    """A name that counts how often it is looked up."""

    looks = 0

    def __hash__(self) -> int:
        Counted.looks += 1
        return super().__hash__()


def test_what_is_no_name_is_looked_up_a_few_times_however_many_there_are():
    Counted.looks = 0
    names = [Counted(f"host {n}") for n in range(100)] + [Counted(f"n{n}") for n in range(100)]
    assert fold(names).startswith("n[0-99],host 0,host 1,")
    assert Counted.looks <= 10 * len(names)
