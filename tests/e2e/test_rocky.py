"""The stand-in for Rocky Linux: dnf resolves, verifies and installs what the depot has."""

import pytest

from tests.e2e.ground import sh, under

INSTALL = sh.text("rocky_install")


def in_rocky(tag: str, program: str, *words: str) -> str:
    return under("n1", sh.text("rocky"), tag, program, *words)


@pytest.fixture(scope="module")
def url(daos_repository) -> str:
    return daos_repository["repos"][0]


@pytest.mark.parametrize("tag", ["8.6", "8.9", "9.6"])
def test_it_says_what_it_is(url, tag) -> None:
    output = in_rocky(
        tag, ". /etc/os-release; echo $ID $VERSION_ID; cat /etc/rocky-release; rpm -qa"
    )
    assert output.splitlines() == [
        f"rocky {tag}",
        f"Rocky Linux release {tag} (a stand-in)",
        "rocky-release-8-1.el8.x86_64",
        "exit 0",
    ]


def test_a_version_is_installed_with_what_it_needs_and_its_signature_is_checked(url) -> None:
    plugins = "dnf -yq install dnf-plugins-core && "
    assert in_rocky("8.6", plugins + INSTALL, url, "daos-server-2.4.0-2.el8").endswith(
        "daos-2.4.0-2.el8.noarch\nDAOS Control Server v2.4.0\nexit 0\n"
    )
    output = in_rocky(
        "8.6",
        plugins + INSTALL.replace('rpmkeys --import "$1RPM-GPG-KEY"', ":"),
        url,
        "daos-server-2.4.0-2.el8",
    )
    assert "you do not have any GPG public keys installed" in output
    assert output.endswith("exit 1\n")
