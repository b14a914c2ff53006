"""What a request is about, and what is refused before a connection opens."""

from typing import Any

import pytest

from fairlead.inventory.site import Site
from fairlead.model.errors import CommandLineError, FairleadError, SiteError
from fairlead.runner.request import Request
from fairlead.runner.targets import Part, parts
from tests.driver import Driver, Flags


def nothing(ask: Any) -> tuple:
    return ()


@pytest.fixture
def driver(driver: Driver) -> Driver:
    driver.system(
        "alpha",
        hosts="n[1-2]",
        server={"up": nothing, "down": nothing},
        client={"up": nothing, "scrub": nothing},
    )
    driver.system(
        "beta", hosts="n3", build_host="n1", only={"up": nothing, "down": nothing, "build": nothing}
    )
    return driver


def scoped(
    driver: Driver, verb: str, system: str = "", component: str = "", *hosts: str, **options: Any
) -> tuple[Part, ...]:
    return parts(
        Request(verb=verb, system=system, component=component, options=options),
        hosts,
        driver.plugins,
        driver.site(),
    )


def names_of(chosen: tuple[Part, ...]) -> list[tuple[str, list[str]]]:
    return [(repr(part.component), [target.host for target in part.targets]) for part in chosen]


SERVER, CLIENT, ONLY = (
    ("alpha.server", ["n1", "n2"]),
    ("alpha.client", ["n1", "n2"]),
    ("beta.only", ["n3"]),
)
SCOPES = {
    ("up", "", ""): [SERVER, CLIENT, ONLY],
    ("down", "", ""): [ONLY, SERVER],
    ("up", "alpha", ""): [SERVER, CLIENT],
    ("up", "alpha", "client"): [CLIENT],
    ("scrub", "alpha", "client"): [CLIENT],
    ("build", "beta", "only"): [("beta.only", ["n1"])],
    ("up", "", "", "n2"): [("alpha.server", ["n2"]), ("alpha.client", ["n2"])],
    ("up", "", "", "n1", "n3"): [("alpha.server", ["n1"]), ("alpha.client", ["n1"]), ONLY],
}


@pytest.mark.parametrize("words", SCOPES)
def test_a_verb_goes_through_its_components_in_order(
    driver: Driver, words: tuple[str, ...]
) -> None:
    options = {"depth": "1"} if words[0] == "scrub" else {}
    assert names_of(scoped(driver, *words, **options)) == SCOPES[words]


def test_a_system_of_one_component_is_called_by_its_own_name(driver: Driver) -> None:
    assert [part.name for part in scoped(driver, "up")] == ["alpha.server", "alpha.client", "beta"]


def test_a_target_knows_its_peers_and_its_section(driver: Driver) -> None:
    target = scoped(driver, "up", "alpha", "server", "n2")[0].targets[0]
    assert (target.peers, target.section.hosts, target.site) == (("n2",), "n[1-2]", "test")


def test_hosts_that_are_offline_stand_aside(driver: Driver) -> None:
    driver.offline = "n[2-3]"
    chosen = scoped(driver, "up")
    assert [
        (part.name, [target.host for target in part.targets], part.offline_hosts) for part in chosen
    ] == [
        ("alpha.server", ["n1"], ("n2",)),
        ("alpha.client", ["n1"], ("n2",)),
        ("beta", [], ("n3",)),
    ]
    assert chosen[0].targets[0].peers == ("n1",)


def test_flags_become_what_they_are_declared_to_be(driver: Driver) -> None:
    assert scoped(driver, "scrub", "alpha", "client", depth="3", loud=True)[0].options == Flags(
        depth=3, loud=True
    )


REFUSED = {
    ("fly", "", ""): (
        CommandLineError,
        "inv fly: no system of this site has this verb; see inv --list",
    ),
    ("up", "beta", "", "n1"): (
        CommandLineError,
        "--host: n1 is not in beta's hosts in {site}; they are n3;"
        " add it there, or name one of these",
    ),
    ("up", "alpha", "server", "n3"): (
        CommandLineError,
        "--host: n3 is not in alpha.server's hosts in {site}; they are n[1-2];"
        " add it there, or name one of these",
    ),
}


@pytest.mark.parametrize("words", REFUSED)
def test_what_cannot_be_meant_is_refused_in_one_sentence(
    driver: Driver, words: tuple[str, ...]
) -> None:
    kind, sentence = REFUSED[words]
    with pytest.raises(kind) as error:
        scoped(driver, *words)
    assert str(error.value) == sentence.format(site=driver.site().path)


def test_a_host_that_the_site_does_not_know_is_refused(driver: Driver) -> None:
    with pytest.raises(FairleadError, match="n9"):
        scoped(driver, "up", "", "", "n9")


def test_a_system_without_a_section_is_refused(driver: Driver) -> None:
    driver.sections.pop("beta")
    sentence = (
        r"has no section 'beta'; add it \(inv site.draft --system=beta prints it\),"
        " or name another site; it has: alpha"
    )
    with pytest.raises(SiteError, match=sentence):
        scoped(driver, "up", "beta")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("up", "beta"), "prints it), or name another site; it has: none yet"),
        (
            ("up",),
            "inv up: {site} has no section of a system yet; inv adopt proposes one of what runs on "
            "its hosts, inv site.draft --system=NAME prints one",
        ),
    ],
)
def test_a_site_of_hosts_alone_says_how_a_section_comes_into_it(
    driver: Driver, words: tuple[str, ...], sentence: str
) -> None:
    driver.sections.clear()
    with pytest.raises(FairleadError) as error:
        scoped(driver, *words)
    assert str(error.value).endswith(sentence.format(site=driver.site().path))


def test_a_component_that_the_section_leaves_out_is_passed_over_or_told(
    driver: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        Site,
        "hosts_of",
        lambda self, system, component="": () if component == "client" else ("n1",),
    )
    assert names_of(scoped(driver, "up", "alpha")) == [("alpha.server", ["n1"])]
    for hosts in ((), ("n1",)):
        with pytest.raises(
            SiteError,
            match="alpha: has no key 'client'; add it; inv site.draft --system=alpha shows how",
        ):
            scoped(driver, "up", "alpha", "client", *hosts)


def test_flags_that_are_wrong_or_missing_are_refused(driver: Driver) -> None:
    with pytest.raises(CommandLineError, match="depth"):
        scoped(driver, "scrub", "alpha", "client", depth="deep")
    with pytest.raises(CommandLineError, match="depth"):
        scoped(driver, "scrub", "alpha", "client")


def test_zero_hosts_are_no_quiet_success(driver: Driver) -> None:
    driver.sections["beta"] = {"hosts": ""}
    with pytest.raises(FairleadError):
        scoped(driver, "up", "beta")
