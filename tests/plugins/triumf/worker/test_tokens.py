"""The IDTOKEN by which workers join their pool: what is read of it, and that it shows nowhere."""

import subprocess
from signal import SIGHUP, SIGKILL
from typing import Any

import pytest

from fairlead.contract.loader import Plugins
from fairlead.model.errors import SecretError
from fairlead.model.plan import Secret, argvs
from fairlead.operations import script
from fairlead.testing import BASE, plan_of
from tests.plugins.triumf.worker.engine import ask, both, token
from tests.shells import Shell

programs = script.beside(__file__)

DAY = 86400
NOW = BASE["host"].time
WORKER = {"token_secret": "condor.token"}
ADVERTISES = "condor:/READ condor:/ADVERTISE_STARTD condor:/ADVERTISE_MASTER"
# An "exp" that is no number; a payload that is a list; one part too few; base64 of no JSON; nothing
BROKEN = [token(exp="soon"), Secret("e30.W10.x"), Secret("e30.e30"), Secret("YQ.YQ.YQ"), Secret("")]


def test_it_tells_when_it_expires(plugins: Plugins) -> None:
    from fairlead_plugins.triumf.worker import tokens

    assert [tokens.ends(token(exp=1900000000)), tokens.ends(token(sub="t1@pool"))] == [
        1900000000,
        None,
    ]


@pytest.mark.parametrize("broken", BROKEN)
def test_what_is_no_token_is_told_without_a_byte_of_it(plugins: Plugins, broken: Secret) -> None:
    from fairlead_plugins.triumf.worker import tokens

    with pytest.raises(ValueError) as error:
        tokens.ends(broken)
    assert str(error.value) == tokens.NO_TOKEN
    assert error.value.__cause__ is None


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (token(exp=NOW), "has expired: the pool takes no worker by it"),
        (Secret("a password"), "is no IDTOKEN: it has to be what condor_token_create prints"),
    ],
)
def test_it_is_refused_before_any_host_changes(plugins: Plugins, value: Secret, words: str) -> None:
    (spec,) = plugins.ask(ask(plugins, "up", worker=WORKER), "needs")
    assert (spec.path, spec.mode, spec.owner) == (
        "/etc/condor/tokens.d/condor.token",
        0o600,
        "root:root",
    )
    spec.check({"condor.token": token(exp=NOW + 1)}, NOW)
    with pytest.raises(SecretError, match=words):
        spec.check({"condor.token": value}, NOW)


@pytest.mark.parametrize("verb", ["up", "upgrade", "secrets"])
def test_it_is_on_the_engine_before_a_worker_starts_and_shows_nowhere(
    plugins: Plugins, verb: str
) -> None:
    facts = {"container": both()} if verb == "upgrade" else {}
    value = token(sub="t1@pool")
    steps = plan_of(
        plugins, ask(plugins, verb, facts, secrets={"condor.token": value}, worker=WORKER)
    )
    names = [step.name for step in steps]
    step = steps[names.index("IDTOKEN")]
    first = next((n for n, name in enumerate(names) if name.startswith("vn0317")), len(names))
    assert (names.index("IDTOKEN") < first, step.sensitive) == (True, True)
    assert isinstance(step.stdin, Secret)
    shown = [word for argv in argvs(step.do) for word in argv]
    assert (value.reveal().decode().strip() in " ".join(map(str, shown)), shown[-2:]) == (
        False,
        ["vn0317", "vn0318"],
    )


def test_without_a_token_none_is_needed_or_delivered(plugins: Plugins) -> None:
    assert list(plugins.ask(ask(plugins, "up"), "needs") or ()) == []
    assert "IDTOKEN" not in {step.name for step in plan_of(plugins, ask(plugins, "up"))}


@pytest.mark.parametrize(
    ("secrets", "found", "ok", "blocks"),
    [
        ({"condor.token": token(exp=NOW + 30 * DAY, scope=ADVERTISES)}, "good", True, False),
        ({"condor.token": token()}, "good", True, False),
        ({"condor.token": token(exp=NOW + 2 * DAY)}, "expires in 2.0 days", False, False),
        ({"condor.token": token(exp=NOW - 1)}, "expired", False, True),
        (
            {"condor.token": token(scope="condor:/READ")},
            "not good for condor:/ADVERTISE_STARTD",
            False,
            True,
        ),
        (
            {"condor.token": SecretError("x", "is not there", "")},
            "no secrets/condor.token",
            False,
            True,
        ),
    ],
)
def test_preflight_says_what_a_token_is_good_for(
    plugins: Plugins, secrets: Any, found: str, ok: bool, blocks: bool
) -> None:
    checks = plugins.ask(ask(plugins, "preflight", secrets=secrets, worker=WORKER))
    (check,) = (check for check in checks if check.name == "IDTOKEN")
    assert (check.found, check.ok, check.blocks) == (found, ok, blocks)


@pytest.mark.parametrize(
    ("code", "has_master", "ending", "text"),
    [
        (0, True, None, ""),
        (1, True, -SIGHUP, ""),
        (1, False, -SIGKILL, "vn1 does not take the new token over"),
    ],
    ids=["by the command", "by the signal", "by neither"],
)
def test_workers_that_run_are_told_of_a_new_token(
    plugins: Plugins, shell: Shell, code: int, has_master: bool, ending: int | None, text: str
) -> None:
    from fairlead_plugins.triumf.worker import sh

    with subprocess.Popen(["sleep", "60"]) as master:
        try:
            if not has_master:
                master.kill()
                master.wait()
            program = programs.text("docker_reconfig")
            shell.tool("docker", f'set -- {code} {master.pid} "$@"\n{program}')
            done = shell.done(sh("reconfigured", "docker", "", "vn1", "vn2", "vn3"))
            if ending == -SIGHUP:
                master.wait(10)
            assert (done.returncode, master.poll()) == (int(bool(text)), ending)
            assert text in done.stderr
        finally:
            master.kill()
    assert (shell.folder / "reconfigured").read_text() == "exec vn1 condor_reconfig\n"


RESTART = "exec vn1 condor_restart -peaceful\n"


@pytest.mark.parametrize(
    ("called", "runs", "code", "rest"),
    [
        (1, "", 0, ""),
        (3, "", 0, ""),
        (6, "", 0, RESTART),
        (99, "", 1, RESTART),
        (99, "7 condor_starter", 0, ""),
    ],
    ids=[
        *("it is called back", "it is soon", "it is once it has begun anew"),
        *("the pool refuses its token", "a job runs there"),
    ],
)
def test_one_that_the_pool_cannot_call_begins_anew_unless_a_job_runs_there(
    plugins: Plugins, shell: Shell, called: int, runs: str, code: int, rest: str
) -> None:
    from fairlead_plugins.triumf.worker.tokens import sh

    shell.tool("docker", f'set -- 0 1 "$@"\n{programs.text("docker_reconfig")}')
    argv = sh("reconfigured", "docker", "a question", "vn1", "vn2")
    done = shell.done(argv, CALLED=str(called), RUNS=runs, PAUSE="0")
    noted = (shell.folder / "reconfigured").read_text()
    assert (done.returncode, noted) == (code, f"exec vn1 condor_reconfig\n{rest}")
    assert ("does not call it back" in done.stderr) == bool(code)


def test_a_condor_that_takes_no_command_is_restarted_with_its_container(
    plugins: Plugins, shell: Shell
) -> None:
    from fairlead_plugins.triumf.worker.tokens import sh

    master = subprocess.Popen(["sleep", "60"])
    shell.tool("docker", f'set -- 1 {master.pid} "$@"\n{programs.text("docker_reconfig")}')
    shell.done(sh("reconfigured", "docker", "a question", "vn1"), CALLED="9", PAUSE="0")
    master.wait(10)
    assert (shell.folder / "reconfigured").read_text().endswith(f"{RESTART}restart vn1\n")


@pytest.mark.parametrize(("called", "names"), [(1, "vn1\nvn2\n"), (9, "")])
def test_those_that_are_called_back_are_named(
    plugins: Plugins, shell: Shell, called: int, names: str
) -> None:
    from fairlead_plugins.triumf.worker.tokens import sh

    shell.tool("docker", f'set -- 0 1 "$@"\n{programs.text("docker_reconfig")}')
    argv = sh("called", "docker", "a question", "vn1", "vn2", "vn3")
    assert shell.run(argv, CALLED=str(called)) == (0, names)


@pytest.mark.parametrize(
    ("address", "code"),
    [("<172.17.0.2:4080?CCBID=10.0.3.1:9618#1&sock=startd>", 0), ("<172.17.0.2:4080>", 1), ("", 1)],
)
def test_an_address_says_whether_its_startd_is_called_back(
    plugins: Plugins, shell: Shell, address: str, code: int
) -> None:
    from fairlead_plugins.triumf.worker.tokens import sh

    shell.tool("timeout", 'shift; "$@"')
    shell.tool("condor_config_val", "echo vn1")
    shell.tool("condor_status", f"echo '{address}'")
    assert shell.run(sh("called_back"))[0] == code
