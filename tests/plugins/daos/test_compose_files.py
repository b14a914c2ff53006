"""A checkout of DAOS drives what is done.

Its names are read in its files, and every variable in them has a value, or is reported.
"""

import shlex
from pathlib import Path
from typing import Any

import msgspec
import pytest

from fairlead.contract.loader import Plugins
from fairlead.model.errors import SiteError
from fairlead.model.plan import argvs
from fairlead.testing import BASE, ask_for, plan_of
from tests.plugins.daos.checkout import TREES, compose_files

PLUGINS = Path(__file__).parents[3] / "plugins"


def ask_checkout(
    plugins: Plugins, component: str, verb: str, naming: str, extra: str = "", **section: Any
) -> Any:
    from fairlead_plugins.daos.common.compose_files import parse

    text = "".join(
        f"--- file {name}\n{body}{extra}" for name, body in compose_files(naming).items()
    )
    parts = {
        "server": {"hosts": "n1"},
        "client": {"hosts": "n1"},
        "admin": {"hosts": "n1"},
        "insecure": True,
        "source": "/opt/daos",
    }
    return ask_for(
        plugins,
        f"daos.{component}",
        verb,
        section=parts | section,
        facts=dict(BASE) | {"source": parse(text), "container": {}},
    )


SERVICES = {
    ("base", ""): ("base daos_base daos-base", "base daos_base daos/daos-base-el8"),
    ("server", ""): ("server daos_server daos-server", "server daos_server daos/daos-server-el8"),
    ("agent", ""): ("client_sa daos_agent daos-agent", "client_sa daos_agent daos/daos-agent-el8"),
    ("client", "bare-metal-agent"): (
        "client_bm daos_client daos-client",
        "client_bm daos_client_bm daos/daos-client_bm-el8",
    ),
    ("client", "separate-agent"): (
        "client_sa daos_client daos-client",
        "client_sa daos_client_sa daos/daos-client_sa-el8",
    ),
    ("client", "gathered"): (
        "client_gt daos_client daos-client",
        "client_gt daos_client_gt daos/daos-client_gt-el8",
    ),
    ("admin", ""): ("admin daos_admin daos-admin", "admin daos_admin daos/daos-admin-el8"),
}


@pytest.mark.parametrize(("component", "mode"), SERVICES)
@pytest.mark.parametrize("naming", TREES)
def test_its_own_services_are_built_by_its_own_files(
    plugins: Plugins, naming: str, component: str, mode: str
) -> None:
    version, tag = {"2.4.0": ("2.4.0-2.el8", "rocky8.6"), "2.4.1": ("2.4.1-1.el8", "v2.4.1")}[
        naming
    ]
    file, service, image = SERVICES[component, mode][list(TREES).index(naming)].split()
    build = ask_checkout(
        plugins,
        component,
        "build",
        naming,
        version=version,
        client={"hosts": "n1", "mode": mode or "separate-agent"},
    )
    step = next(step for step in plan_of(plugins, build) if step.name == f"image {image}:{tag}")
    folder = "/var/lib/daos-docker/checkout"
    line = (
        "docker compose --env-file /var/lib/daos-docker/source.env "
        f"--file {folder}/docker-compose.{file}.yml build {service}"
    )
    assert shlex.join(next(iter(argvs(step.do)))) == line


@pytest.mark.parametrize("naming", TREES)
def test_a_variable_without_a_value_is_an_error_that_names_it_and_the_file(
    plugins: Plugins, naming: str
) -> None:
    extra = "# ${IN_A_COMMENT}\nx-more: '${HAS_ONE:-a value} ${NEWS_TO_US}'\n"
    where = (
        "n1: /opt/daos/utils/docker/examples/docker-compose.base.yml: "
        "${NEWS_TO_US} has no value; give it one in daos.variables: {NEWS_TO_US: ...}"
    )
    with pytest.raises(SiteError) as error:
        plan_of(plugins, ask_checkout(plugins, "server", "build", naming, extra))
    assert str(error.value) == where
    check = next(
        check
        for check in plugins.ask(ask_checkout(plugins, "server", "preflight", naming, extra))
        if check.name == "source"
    )
    assert (check.ok, check.blocks, "${NEWS_TO_US} has no value" in check.found) == (
        False,
        True,
        True,
    )
    assert plan_of(
        plugins,
        ask_checkout(plugins, "server", "build", naming, extra, variables={"NEWS_TO_US": "x"}),
    )


def test_the_later_naming_brings_its_own_base_image_and_tag(plugins: Plugins) -> None:
    from fairlead_plugins.daos.common.compose_files import compose_folder

    builds = [ask_checkout(plugins, "base", "build", naming) for naming in TREES]
    values = [compose_folder(build).values for build in builds]
    assert [of["LINUX_IMAGE_TAG"] for of in values] == ["8.6", "8.9"]
    assert [of["DAOS_DOCKER_IMAGE_TAG"] for of in values] == ["rocky8.6", "v2.4.0"]


def test_the_checkout_is_copied_and_the_configurations_lie_in_the_copy(plugins: Plugins) -> None:
    """Upstream tracks a daos_agent.yml of its own: in the checkout `git pull` would stop at it."""
    written = []
    for component in ("base", "server", "agent", "client", "admin"):
        copy, *rest = files(plugins, component)
        assert list(copy.do[4:]) == [
            "/opt/daos/utils/docker/examples",
            "/var/lib/daos-docker/checkout",
        ]
        written += [step.do[5] for step in rest]
    assert not [path for path in written if path.startswith("/opt/daos")]
    assert [
        path.removeprefix("/var/lib/daos-docker/checkout/") for path in dict.fromkeys(written)
    ] == [
        "/var/lib/daos-docker/source.env",
        "daos-server/el8/daos_server.yml",
        "daos-agent/el8/daos_agent.yml",
        "daos-client/el8/daos_agent.yml",
        "daos-admin/el8/daos_control.yml",
    ]


def files(plugins: Plugins, component: str) -> list[Any]:
    return [
        step
        for step in plan_of(plugins, ask_checkout(plugins, component, "build", "2.4.1"))
        if not step.name.startswith(("image", "what it is made from"))
    ]


@pytest.mark.parametrize(("distros", "ok"), [(("el8",), False), (("el8", "el9"), True)])
def test_a_checkout_without_a_folder_for_the_distribution_is_told_by_preflight(
    plugins: Plugins, distros: tuple[str, ...], ok: bool
) -> None:
    ask = ask_checkout(plugins, "server", "preflight", "2.4.1", version="2.8.0-1.el9")
    ask = msgspec.structs.replace(ask, facts=dict(ask.facts) | {"distros": distros})
    checks = {check.name: check for check in plugins.ask(ask)}
    check = checks["distribution of source"]
    assert (check.ok, check.blocks, check.found) == (ok, True, f"it has {', '.join(distros)}")


def test_each_distribution_has_every_file_and_its_own_where_it_differs(plugins: Plugins) -> None:
    from fairlead_plugins.daos.common.compose_files import our_tree

    old, new = our_tree("el8"), our_tree("el9")
    renamed = {name.replace("/el8/", "/el9/") for name in old}
    assert set(new) - renamed == {"daos-base/el9/daos-crb"}
    assert not renamed - set(new)
    own = {name for name, path in new.items() if path.parent.name == "el9"}
    assert {"daos-base/el9/Dockerfile", "daos-client/el9/Dockerfile"} <= own
    assert new["daos-server/el9/run-daos_server"] == old["daos-server/el8/run-daos_server"]


def test_images_are_built_in_the_folder_of_the_distribution(plugins: Plugins) -> None:
    for version, distro in (("2.6.5-1.el8", "el8"), ("2.8.0-1.el9", "el9")):
        section = {"server": {"hosts": "n1"}, "insecure": True, "version": version}
        ask = ask_for(plugins, "daos.server", "build", section=section)
        (config,) = (step for step in plan_of(plugins, ask) if step.name == "daos_server.yml")
        assert f"/examples/daos-server/{distro}/daos_server.yml" in str(config.do)
