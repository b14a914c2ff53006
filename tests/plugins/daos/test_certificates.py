"""The certificates of DAOS: openssl believes them, the tarballs hold what is asked.

What is expired, foreign or wrongly named is refused.
"""

import io
import subprocess
import tarfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from fairlead.contract.loader import Plugins
from fairlead.model.plan import Secret
from fairlead.secrets import certificates as pki
from fairlead.testing import BASE, HOST, ask_for

COMPONENTS = ("server", "agent", "admin")
DAY = 86400


@pytest.fixture(scope="module")
def daos(plugins: Plugins) -> Any:
    from fairlead_plugins.daos.common import certificates

    made = pytest.MonkeyPatch()
    made.setattr(certificates, "BITS", 2048)  # 3072 take seconds
    yield certificates
    made.undo()


def all_made(daos: Any, site: Any) -> dict[str, Secret]:
    """What `inv daos.secrets --generate` makes."""
    made: dict[str, Secret] = {}
    for component in COMPONENTS:
        for spec in daos.specs(site, component, whole=True):
            if spec.name not in made:
                made[spec.name] = spec.make({name: made[name] for name in spec.of})
    return made


@pytest.fixture(scope="module")
def site(plugins: Plugins) -> Any:
    from fairlead_plugins.daos.site import Daos

    return Daos()


@pytest.fixture(scope="module")
def store(daos: Any, site: Any) -> Mapping[str, Secret]:
    return all_made(daos, site)


@pytest.fixture(scope="module")
def foreign(daos: Any, site: Any) -> Mapping[str, Secret]:
    return all_made(daos, site)


def tarball(component: str) -> str:
    return f"daos-{component}-certs.txz"


def test_keys_are_as_long_as_daos_makes_them(plugins: Plugins) -> None:
    import inspect

    from fairlead_plugins.daos.common import certificates

    assert "\nBITS = 3072\n" in inspect.getsource(certificates)


@pytest.mark.parametrize("component", COMPONENTS)
def test_openssl_believes_every_certificate(
    store: Mapping[str, Secret], daos: Any, component: str, tmp_path: Path
) -> None:
    (tmp_path / "ca.crt").write_bytes(store["daos-ca.crt"].reveal())
    for member, content in daos.unpacked("", store[tarball(component)]).items():
        (tmp_path / member).write_bytes(content.reveal())
        if member.endswith(".crt"):
            purpose = (
                ["-purpose", "sslserver" if member == "server.crt" else "sslclient"]
                if member != "daosCA.crt"
                else []
            )
            done = subprocess.run(
                ["openssl", "verify", "-x509_strict", *purpose, "-CAfile", "ca.crt", member],
                cwd=tmp_path,
                capture_output=True,
                text=True,
            )
            assert done.stdout == f"{member}: OK\n", done.stderr
    subject = subprocess.run(
        ["openssl", "x509", "-noout", "-subject", "-in", f"{component}.crt"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    ).stdout
    assert subject.strip() == f"subject=O = DAOS, CN = {component}"


MEMBERS = {
    "server": [
        ("daosCA.crt", 0o644),
        ("server.crt", 0o644),
        ("server.key", 0o400),
        ("agent.crt", 0o644),
    ],
    "agent": [("daosCA.crt", 0o644), ("agent.crt", 0o644), ("agent.key", 0o400)],
    "admin": [("daosCA.crt", 0o644), ("admin.crt", 0o644), ("admin.key", 0o400)],
}


@pytest.mark.parametrize("component", COMPONENTS)
def test_a_tarball_holds_exactly_what_is_asked(store: Mapping[str, Secret], component: str) -> None:
    data = store[tarball(component)].reveal()
    assert data.startswith(b"\xfd7zXZ\x00")
    with tarfile.open(fileobj=io.BytesIO(data), mode="r:xz") as tar:
        members = [(entry.name, entry.mode, entry.uid, entry.gid, entry.mtime) for entry in tar]
    assert members == [(*member, 0, 0, 0) for member in MEMBERS[component]]


def test_the_server_s_tarball_has_the_agent_s_certificate_and_not_its_key(
    store: Mapping[str, Secret], daos: Any
) -> None:
    server, agent = (daos.unpacked("", store[tarball(name)]) for name in ("server", "agent"))
    assert server["agent.crt"] == agent["agent.crt"]
    assert agent["agent.key"].reveal() not in b"".join(part.reveal() for part in server.values())


def test_the_authority_s_key_is_in_no_tarball(store: Mapping[str, Secret], daos: Any) -> None:
    for component in COMPONENTS:
        members = daos.unpacked("", store[tarball(component)])
        assert store["daos-ca.key"] not in members.values()


def test_the_same_parts_give_the_same_bytes(store: Mapping[str, Secret], daos: Any) -> None:
    assert daos.packed(daos.unpacked("", store[tarball("admin")])) == store[tarball("admin")]


# What is refused in preflight


def checked(
    plugins: Plugins, component: str, secrets: Mapping[str, Secret], now: float = 0
) -> tuple[bool, bool, str]:
    """(ok, blocks, found) of the check of its certificates."""
    facts = dict(BASE) | {
        "host": replace(HOST, time=now or time.time()),
        "container": {},
        "state": (),
    }
    section = {"server": {"hosts": "n1"}, "admin": {"hosts": "n1"}, "agent": {"hosts": "n1"}}
    ask = ask_for(
        plugins, f"daos.{component}", "preflight", section=section, facts=facts, secrets=secrets
    )
    check = next(
        check for check in plugins.ask(ask) if check.name == f"secrets/{tarball(component)}"
    )
    return check.ok, check.blocks, check.found


def other(store: Mapping[str, Secret], component: str, value: Secret) -> dict[str, Secret]:
    return dict(store) | {tarball(component): value}


@pytest.mark.parametrize("component", COMPONENTS)
def test_what_is_generated_passes(
    plugins: Plugins, store: Mapping[str, Secret], component: str
) -> None:
    assert checked(plugins, component, store) == (True, False, "valid for 1094 days")


def test_one_that_ends_soon_is_a_warning(plugins: Plugins, store: Mapping[str, Secret]) -> None:
    assert checked(plugins, "server", store, time.time() + 1075 * DAY)[:2] == (False, False)


def test_an_expired_one_is_refused(plugins: Plugins, store: Mapping[str, Secret]) -> None:
    ok, blocks, fault = checked(plugins, "agent", store, time.time() + 1100 * DAY)
    assert (ok, blocks) == (False, True)
    assert fault.startswith("agent.crt has expired on 20")


def test_a_foreign_one_is_refused(
    plugins: Plugins, store: Mapping[str, Secret], foreign: Mapping[str, Secret]
) -> None:
    fault = "daosCA.crt is another authority's; admin.crt is signed by another authority"
    assert checked(plugins, "admin", other(store, "admin", foreign[tarball("admin")])) == (
        False,
        True,
        fault,
    )


def test_a_wrongly_named_one_is_refused(
    plugins: Plugins, store: Mapping[str, Secret], daos: Any
) -> None:
    parts = daos.unpacked("", store[tarball("agent")])
    as_admin = {
        "daosCA.crt": parts["daosCA.crt"],
        "admin.crt": parts["agent.crt"],
        "admin.key": parts["agent.key"],
    }
    assert checked(plugins, "admin", other(store, "admin", daos.packed(as_admin))) == (
        False,
        True,
        "admin.crt has the common name agent, not admin",
    )


def test_a_key_that_does_not_belong_is_refused(
    plugins: Plugins, store: Mapping[str, Secret], foreign: Mapping[str, Secret], daos: Any
) -> None:
    parts = dict(daos.unpacked("", store[tarball("admin")])) | {
        "admin.key": daos.unpacked("", foreign[tarball("admin")])["admin.key"]
    }
    assert checked(plugins, "admin", other(store, "admin", daos.packed(parts))) == (
        False,
        True,
        "admin.crt does not belong to its key",
    )


def test_a_key_that_others_may_read_is_refused(
    plugins: Plugins, store: Mapping[str, Secret], daos: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(daos, "mode", lambda member: 0o644)
        open_one = daos.packed(daos.unpacked("", store[tarball("admin")]))
    assert checked(plugins, "admin", other(store, "admin", open_one)) == (
        False,
        True,
        "admin.key has the mode 0644, wanted 0400",
    )


def test_another_component_s_tarball_is_refused(
    plugins: Plugins, store: Mapping[str, Secret]
) -> None:
    fault = (
        "holds daosCA.crt, agent.crt, agent.key; "
        "wanted are daosCA.crt, server.crt, server.key, agent.crt"
    )
    assert checked(plugins, "server", other(store, "server", store[tarball("agent")])) == (
        False,
        True,
        fault,
    )


def test_secrets_checks_a_tarball_as_up_does(
    store: Mapping[str, Secret], foreign: Mapping[str, Secret], daos: Any, site: Any
) -> None:
    """The specification brings the check: the agents' is looked at before servers change."""
    from fairlead.model.errors import SecretError

    for component in COMPONENTS:
        spec = list(daos.specs(site, component))[-1]
        assert (spec.name, spec.fits) == (tarball(component), ("daos-ca.crt",))
        spec.check(store, time.time())
        for bad in (foreign[spec.name], Secret("no tarball")):
            with pytest.raises(SecretError, match=f"secrets/{spec.name}: "):
                spec.check({**store, spec.name: bad}, time.time())


def test_what_is_no_tarball_is_refused(plugins: Plugins, store: Mapping[str, Secret]) -> None:
    assert checked(plugins, "server", other(store, "server", Secret("no tarball"))) == (
        False,
        True,
        "is no tar archive compressed with xz",
    )


def test_it_is_said_when_the_first_of_them_ends(store: Mapping[str, Secret], daos: Any) -> None:
    assert abs(daos.ends("", store[tarball("server")]) - time.time() - 1095 * DAY) < 600
    assert abs(pki.ends(store["daos-ca.crt"]) - time.time() - 3650 * DAY) < 600


def test_rotate_makes_every_tarball_anew_and_no_authority(
    plugins: Plugins, site: Any, daos: Any
) -> None:
    from fairlead.cli.secret_needs.requirements import leaves

    recipes = {
        spec.name: spec
        for component in COMPONENTS
        for spec in daos.specs(site, component, whole=True)
    }
    in_the_site = recipes | {
        tarball("agent"): next(
            spec for spec in daos.specs(site, "agent") if spec.name == tarball("agent")
        )
    }
    assert leaves(in_the_site) == set(map(tarball, COMPONENTS))
