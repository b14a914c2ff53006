"""Every secret that a plugin makes itself can be made: `make` is called once for each that the
example site needs."""

from collections.abc import Mapping
from pathlib import Path

import pytest
import yaml

from fairlead.contract.loader import Plugins
from fairlead.model.plan import Secret, SecretSpec
from fairlead.testing import ask_for, plugins_in

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
EXAMPLE = yaml.safe_load((ROOT / "sites/example.yml").read_text())
MADE = {
    *("daos-ca.crt", "daos-ca.key", "daos-server-certs.txz", "daos-agent-certs.txz"),
    *("daos-admin-certs.txz", "registry.t1user", "xcat-root"),
}


@pytest.fixture(scope="module")
def specs() -> Mapping[str, SecretSpec]:
    """Each secret that some component needs for `secrets`, by its name."""
    plugins = plugins_in(ROOT / "plugins")
    return {spec.name: spec for spec in _needs(plugins)}


def _needs(plugins: Plugins) -> list[SecretSpec]:
    components = [
        (system, name)
        for system, declared in plugins.systems.items()
        for name in declared.components
        if system in EXAMPLE
    ]
    return [
        spec
        for system, name in components
        for spec in plugins.ask(
            ask_for(plugins, f"{system}.{name}", "secrets", section=EXAMPLE[system]), "needs"
        )
        or ()
    ]


def test_these_are_made(specs: Mapping[str, SecretSpec]) -> None:
    assert {name for name, spec in specs.items() if spec.make} == MADE


@pytest.mark.parametrize("name", sorted(MADE))
def test_a_secret_is_made(specs: Mapping[str, SecretSpec], name: str) -> None:
    secret = _made(specs, name)
    assert isinstance(secret, Secret)
    assert len(secret.reveal()) >= 20


def _made(specs: Mapping[str, SecretSpec], name: str) -> Secret:
    """The secret, made of what it is made of."""
    spec = specs[name]
    assert spec.make, f"nobody can make {name}"
    return spec.make({part: _made(specs, part) for part in spec.of})
