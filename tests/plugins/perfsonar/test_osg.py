"""OSG's deployment of a test point: its units go before anything else, and come back."""

from pathlib import Path
from typing import Any

import pytest

from fairlead.contract.loader import Plugins
from fairlead.model.plan import argvs
from fairlead.operations.container import adoption, options
from fairlead.testing import BASE, faults
from tests.plugins.perfsonar.test_perfsonar import ask, names, there

IMAGE = "hub.opensciencegrid.org/osg-htc/perfsonar-testpoint"
ROWS = (
    "unit perfsonar-auto-update.timer enabled active\n"
    "unit perfsonar-testpoint.service enabled inactive\npsconfig\n"
)


@pytest.fixture(scope="module")
def osg(plugins: Plugins) -> Any:
    """The plugin's module of OSG's deployment."""
    from fairlead_plugins.perfsonar import osg

    return osg


@pytest.fixture
def deployed(osg: Any) -> dict[str, Any]:
    """Facts of a host with OSG's container, units and folder."""
    container = there(ours=False, reference=f"{IMAGE}:production")
    return {"container": container, "state": (), "osg": osg.deployment(0, ROWS)}


def test_its_units_go_first_of_all_and_come_back_by_the_undo(plugins, osg, deployed):
    for verb in ("up", "upgrade"):
        asked = ask(plugins, verb, facts=dict(BASE) | deployed)
        steps = [step.name for step in _steps(plugins, asked)]
        assert steps.index("OSG's units") < steps.index("remember")
        assert list(faults(plugins.ask(asked))) == []
    step = next(s for s in _steps(plugins, asked) if s.name == "OSG's units")
    assert list(argvs(step.do))[0][-2:] == ("perfsonar-auto-update.timer", f"{osg.SERVICE}.service")
    assert list(argvs(step.undo))[0][-2:] == (
        "perfsonar-testpoint.service:enabled:inactive",
        "perfsonar-auto-update.timer:enabled:active",
    )


def _steps(plugins: Plugins, asked: Any) -> list[Any]:
    answer = plugins.ask(asked)
    return [step for part in answer for step in getattr(part, "steps", (part,))]


def test_once_they_are_off_there_is_nothing_more_to_do(plugins, osg, deployed):
    nothing = osg.deployment(0, "psconfig\n")
    later = deployed | {"container": there(), "osg": nothing, "state": ("/etc/perfsonar",)}
    assert not [name for name in names(plugins, "up", later) if name.startswith("OSG")]


def test_where_its_container_is_gone_its_psconfig_begins_our_state(plugins, osg, deployed):
    steps = names(plugins, "up", deployed | {"container": {}})
    assert steps[steps.index("state") + 1] == "OSG's psconfig"
    assert "OSG's psconfig" not in names(plugins, "up", deployed)
    assert "OSG's psconfig" not in names(
        plugins, "up", deployed | {"container": {}, "state": ("/etc/perfsonar",)}
    )


def test_a_host_with_osg_s_image_stays_with_it_and_its_tag_where_the_site_names_none(
    plugins, deployed
):
    asked = ask(plugins, "preflight", facts=dict(BASE) | deployed)
    checks = {check.name: check for check in plugins.ask(asked)}
    assert (checks["image"].found, checks["image"].ok) == (IMAGE, False)
    assert "systemd (OSG's image has no other)" in checks["flavor"].found
    asked = ask(plugins, "upgrade", facts=dict(BASE) | deployed)
    pulls = [argv for step in _steps(plugins, asked) if step.do for argv in argvs(step.do)]
    assert ("docker", "pull", f"{IMAGE}:production") in pulls


def test_preflight_says_what_becomes_of_them_and_whose_certificate_nobody_renews(
    plugins, osg, deployed
):
    def remedy(rows: str, **section: Any) -> tuple[bool, str]:
        facts = dict(BASE) | deployed | {"osg": osg.deployment(0, rows)}
        checks = plugins.ask(ask(plugins, "preflight", facts=facts, section=section))
        check = next(check for check in checks if check.name == "OSG's units")
        return check.blocks, check.remedy

    certbot = ROWS + "unit perfsonar-certbot.service enabled active\n"
    assert remedy(ROWS) == (
        False,
        "inv perfsonar.up switches them off and takes over the container",
    )
    assert remedy(certbot)[1].endswith("nobody renews it: name one in the site")
    tls = {"tls": {"certificate": "a", "key": "b"}}
    assert remedy(certbot, **tls)[1].endswith("the container")


def test_what_its_unit_gave_the_container_beyond_the_document_is_not_kept(plugins, osg, deployed):
    from fairlead_plugins.perfsonar import commands

    c = commands.testpoint(ask(plugins, "up", facts=dict(BASE) | deployed))
    mounts = [
        ("/opt/perfsonar-tp/psconfig", "/etc/perfsonar/psconfig"),
        ("/run/dbus", "/run/dbus"),
        ("/etc/letsencrypt", "/etc/letsencrypt"),
    ]
    inspected = options.Inspected(
        {
            "host": {"Privileged": True, "CapAdd": ["CAP_SYS_ADMIN"], "NetworkMode": "host"},
            "mounts": [{"Type": "bind", "Source": a, "Destination": b} for a, b in mounts],
            "labels": {"io.containers.autoupdate": "registry"},
        },
        {},
    )
    details = adoption.Details(inspected, (), ())
    facts = dict(BASE) | deployed | {"details": {c.name: details}}
    asked = ask(plugins, "up", facts=facts)
    assert adoption.adopted(c, asked).kept == ("--volume=/etc/letsencrypt:/etc/letsencrypt",)
    step = next(adoption.keep_options(c, asked, "0a"))
    for word in ("--privileged", "--cap-add=CAP_SYS_ADMIN", "--volume=/run/dbus:/run/dbus"):
        assert f"-{word} (not kept)\n" in step.diff


SYSTEMCTL = Path(__file__).parent / "shell/systemctl_of_osg.sh"


def test_units_are_looked_at_where_they_speak_of_the_container(osg, sh, program, tmp_path):
    program("systemctl", SYSTEMCTL.read_text("utf-8"))
    text = osg.sh.text("osg_units").replace("/etc/systemd/system", str(tmp_path))
    (tmp_path / "psconfig").mkdir()
    (tmp_path / "perfsonar-auto-update.timer").touch()
    (tmp_path / "perfsonar-auto-update.service").touch()
    service = tmp_path / "perfsonar-testpoint.service"

    def rows() -> Any:
        words = ("perfsonar-testpoint", "perfsonar-testpoint", str(tmp_path), *osg.UNITS)
        sh(f'main() {{ {text}\n}}; main "$@" >{tmp_path}/out', *words)
        return osg.deployment(0, (tmp_path / "out").read_text())

    service.write_text("ExecStart=/usr/bin/other\n")
    assert [unit.words for unit in rows().units] == ["perfsonar-auto-update.timer:enabled:active"]
    service.write_text("ExecStart=/usr/bin/podman run --name perfsonar-testpoint\n")
    assert [unit.words for unit in rows().units] == [
        "perfsonar-auto-update.timer:enabled:active",
        "perfsonar-testpoint.service:disabled:active",
    ]
    assert rows().psconfig


def aside(tmp_path: Path) -> Path:
    return tmp_path / "run/perfsonar-testpoint.service.d"


def test_the_unit_may_not_take_the_container_away_when_it_stops(osg, sh, program, tmp_path):
    folder = aside(tmp_path)
    program("systemctl", f'cat {folder}/*.conf >>"$0.seen" 2>/dev/null; echo "$*" >>"$0.said"')
    text = osg.sh.text("osg_off").replace("/run/systemd/system", str(tmp_path / "run"))
    assert sh(text, "perfsonar-testpoint", "a.timer", "perfsonar-testpoint.service")[0] == 0
    verbs = ("disable", "stop", "reset-failed")
    said = (tmp_path / "bin/systemctl.said").read_text().splitlines()
    assert said == [
        "daemon-reload",
        *(f"{verb} a.timer" for verb in verbs),
        *(f"{verb} perfsonar-testpoint.service" for verb in verbs),
        "daemon-reload",
    ]
    assert "\nExecStopPost=\n" in (tmp_path / "bin/systemctl.seen").read_text()
    assert not folder.exists()


@pytest.mark.parametrize(
    ("kind", "stands", "line"),
    [
        ("simple", "echo true", "podman wait perfsonar-testpoint"),
        ("oneshot", "echo true", "ExecStart=/usr/bin/true"),
        ("simple", "echo false", None),
        ("simple", "exit 1", None),
    ],
)
def test_the_unit_takes_charge_of_the_container_as_it_is_where_it_stands(
    osg, sh, program, tmp_path, kind, stands, line
):
    program("podman", stands)
    seen = tmp_path / "bin/systemctl.seen"
    look = f'cat {aside(tmp_path)}/*.conf >>"{seen}" 2>/dev/null; echo "$*" >>"{seen}"'
    program("systemctl", look)
    (tmp_path / "perfsonar-testpoint.service").write_text(f"Type={kind}\n")
    text = osg.sh.text("osg_on").replace("/run/systemd/system", str(tmp_path / "run"))
    text = text.replace("/etc/systemd/system", str(tmp_path))
    words = ("perfsonar-testpoint:x", "perfsonar-testpoint.service:enabled:active")
    code, _ = sh(text, osg.SERVICE, osg.SERVICE, "podman", *words)
    said = seen.read_text()
    assert (code, "enable perfsonar-testpoint.service\n" in said) == (0, True)
    assert (line is not None) == ("ExecStartPre=\n" in said)
    assert line is None or f"{line}\n" in said
    assert not aside(tmp_path).exists()
