"""The registry as a container: what goes before what, and what the host keeps of the other."""

from typing import Any

import pytest
from msgspec.structs import replace

from fairlead.contract.loader import Plugins
from fairlead.model.errors import FairleadError
from fairlead.model.plan import Step
from fairlead.operations.container.adoption import Details
from fairlead.operations.container.options import Inspected
from fairlead.operations.container.state import ContainerState
from fairlead.testing import DOWN, PODMAN, plan_of
from tests.plugins.triumf.tier import ask, preflight

STANDING = ContainerState(
    "triumf-registry",
    "id",
    "sha256:1",
    "docker.io/library/registry:3",
    "running",
    "2026-01-01T00:00:00Z",
    "unless-stopped",
    {"fairlead.spec": "an older one"},
)
THERE = {"packages": "dnf", "container": {"triumf-registry": STANDING}}


def steps(plugins: Plugins, verb: str, facts: Any = None, **registry: Any) -> list[Step]:
    question = ask(plugins, "registry", verb, {"registry": registry}, facts or {"packages": "dnf"})
    return list(plan_of(plugins, question))


def names(plugins: Plugins, verb: str, facts: Any = None, **registry: Any) -> list[str]:
    return [step.name for step in steps(plugins, verb, facts, **registry)]


def test_the_package_makes_way_when_all_else_is_there(plugins: Plugins) -> None:
    assert names(plugins, "up", {"packages": "apt"}, launch="container") == [
        *("image", "folder", "authority", "certificate and key", "users", "configuration"),
        *("no service", "container", "healthy", "proved"),
    ]


def test_the_container_makes_way_before_the_folder_is_given_to_the_packages_user(
    plugins: Plugins,
) -> None:
    there = THERE | {"packages": "apt"}
    assert names(plugins, "up", there, launch="package") == [
        *("package", "container: stop", "container: remove", "folder", "authority"),
        *("certificate and key", "users", "configuration", "service", "proved"),
    ]


def test_both_have_the_same_files(plugins: Plugins) -> None:
    for manager in ("apt", "dnf"):
        launched = [
            {
                step.name: step.stdin
                for step in steps(plugins, "up", {"packages": manager}, launch=launch)
            }["configuration"]
            for launch in ("container", "package")
        ]
        assert launched[0] == launched[1]


def test_a_package_keeps_the_configuration_that_stood_there_before_it(plugins: Plugins) -> None:
    package, *_ = steps(plugins, "up", {"packages": "apt"})
    assert package.env == (("DPKG_FORCE", "security-mac,downgrade,confold"),)


def test_an_upgrade_is_proved_before_the_old_one_goes(plugins: Plugins) -> None:
    (plan,) = [steps(plugins, "upgrade", THERE)]
    named = [step.name for step in plan]
    assert named[named.index("healthy") + 1] == "proved"
    assert plan[named.index("proved")].gate
    assert named[-1] != "proved"


def test_what_is_not_there_is_not_upgraded(plugins: Plugins) -> None:
    with pytest.raises(FairleadError, match="there is no triumf-registry; inv triumf.registry.up"):
        steps(plugins, "upgrade")


@pytest.mark.parametrize("verb", ["upgrade", "rollback"])
def test_a_package_is_left_to_the_hosts_own_updates(plugins: Plugins, verb: str) -> None:
    assert steps(plugins, verb, {"packages": "apt"}) == []


@pytest.mark.parametrize(
    ("facts", "service"),
    [
        ({"settled": True}, "up"),
        ({"settled": False}, "down"),
        ({"container": {}}, "down"),
        ({"container": "the engine does not answer"}, "down"),
    ],
)
def test_status_says_whether_it_runs_and_of_which_image(
    plugins: Plugins, facts: Any, service: str
) -> None:
    status = plugins.ask(ask(plugins, "registry", "status", facts=THERE | facts))
    fields = dict(status.fields)
    assert (fields["service"], fields["image"]) == (service, "docker.io/library/registry:3")


@pytest.mark.parametrize(
    ("engine", "wanted", "well"),
    [
        (None, "docker", (False, True, "no docker")),
        (DOWN, "docker", (False, True, DOWN.error)),
        (PODMAN, "docker", (False, True, "no docker")),
        (PODMAN, "podman", (True, True, "podman 5.4.2")),
    ],
)
def test_its_engine_has_to_answer(
    plugins: Plugins, engine: Any, wanted: str, well: tuple[bool, bool, str]
) -> None:
    section = {"registry": {"engine": wanted}}
    checks = preflight(plugins, "registry", section, packages="dnf", engine=engine)
    assert checks["engine"] == well
    assert "engine" not in preflight(plugins, "registry", section, packages="apt", engine=engine)


def test_one_that_somebody_started_serves_until_ours_takes_its_place(plugins: Plugins) -> None:
    by_hand = replace(STANDING, name="hub", labels={})
    there = {"packages": "apt", "container": {"hub": by_hand}}
    plan = steps(plugins, "up", there, launch="container", container="hub")
    named = {step.name: step for step in plan}
    assert [*named][-6:] == [
        *("archive what is inside", "keep the old one", "container", "healthy", "finish"),
        "proved",
    ]
    restarts = f"docker:{by_hand.name}"
    ours = steps(plugins, "up", THERE | {"packages": "apt"}, launch="container")
    for name in ("certificate and key", "configuration"):
        assert restarts not in str(named[name])
    assert "docker:triumf-registry" in str({step.name: step for step in ours}["configuration"])


def test_what_configured_one_that_somebody_started_is_not_kept(plugins: Plugins) -> None:
    host = {"RestartPolicy": {"Name": "always"}, "Memory": 64 << 20}
    mounts = [{"Type": "bind", "Source": "/srv/conf", "Destination": "/etc/docker/registry"}]
    known = Details(
        Inspected({"host": host, "mounts": mounts}, {}),
        variables=("N REGISTRY_HTTP_ADDR", "N TZ"),
        changes=(),
    )
    by_hand = replace(STANDING, name="hub", labels={})
    there = {"packages": "apt", "container": {"hub": by_hand}, "details": {"hub": known}}
    plan = steps(plugins, "up", there, launch="container", container="hub")
    (kept,) = [step.diff for step in plan if step.name == "keep its options"]
    assert kept.splitlines()[2:] == [
        "---volume=/srv/conf:/etc/docker/registry (not kept)",
        "---env=REGISTRY_HTTP_ADDR (not kept)",
        "+--memory=67108864",
        "+--env-file=/var/lib/fairlead/kept/hub.env",
        "+TZ=... (in the file of variables)",
    ]
