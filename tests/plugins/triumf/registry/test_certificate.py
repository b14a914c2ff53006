"""The registry's certificate, as its clients see it."""

import time

import pytest

from fairlead.contract.loader import Plugins
from fairlead.model.errors import SecretError
from fairlead.secrets import certificates
from fairlead.testing import plan_of
from tests.e2e.tier1 import authority, issue, server
from tests.plugins.triumf.tier import ask, secrets

CERTIFICATES = {
    "the server's own": (lambda: server().certificate, ""),
    "an expired one": (
        lambda: issue(authority(), begins=-3, ends=-1).certificate,
        "has expired on ",
    ),
    "one of tomorrow": (lambda: issue(authority(), begins=1).certificate, "is valid only from "),
    "one of another host": (
        lambda: issue(authority(), name="n9").certificate,
        "is not for n1 but for n9",
    ),
    "one of another authority": (
        lambda: issue(issue(name="somebody")).certificate,
        "is not signed by the authority that the site names",
    ),
    "one without names": (
        lambda: authority().certificate,
        "is not for n1 but for no host name (the engines do not look at the common name)",
    ),
    "for all of a domain": (
        lambda: issue(authority(), name="*.example.org").certificate,
        "is not for n1 but for *.example.org",
    ),
    "a chain in the wrong order": (
        lambda: server().certificate + issue(authority()).certificate,
        "has a chain behind it that does not hold together",
    ),
    "with its authority behind it": (lambda: server().certificate + authority().certificate, ""),
    "none": (lambda: "nonsense", "is no certificate in PEM form"),
}


@pytest.mark.parametrize("name", CERTIFICATES)
def test_a_certificate_is_seen_as_its_clients_see_it(plugins: Plugins, name: str) -> None:
    make, fault = CERTIFICATES[name]
    verdict = certificates.server_verdict(
        make().encode(), "n1", time.time(), authority().certificate.encode()
    )
    assert verdict.fault.startswith(fault)
    assert bool(verdict.fault) == bool(fault)


def test_a_pair_that_clients_would_refuse_is_not_sent(plugins: Plugins) -> None:
    other = issue(authority(), name="n9")
    with pytest.raises(
        SecretError,
        match="secrets/pem: is not for n1 but for n9; "
        "have one issued that fits, then inv secrets.set",
    ):
        plan_of(
            plugins,
            ask(plugins, "registry", "up", secrets=secrets(pem=other.certificate, key=other.key)),
        )


def test_a_wildcard_is_for_a_host_of_its_domain() -> None:
    pem = issue(authority(), name="*.example.org").certificate.encode()
    assert [
        certificates.server_verdict(pem, name, time.time()).fault == ""
        for name in ("r.example.org", "a.r.example.org")
    ] == [True, False]
