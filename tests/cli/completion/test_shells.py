"""TAB in bash, zsh and fish, each on a terminal of its own."""

import os
import re
import resource
import shutil
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest
import yaml

from fairlead.cli import completion
from tests.cli.completion.interactive import Terminal

HERE = Path(__file__).parent
SCRIPTS = Path(completion.__file__).parent
CASES = {
    name: yaml.safe_load((HERE / "cases" / f"{name}.yml").read_text())
    for name in ("lines", "offers")
}
LIMIT = 30  # milliseconds


@pytest.fixture(scope="module", params=completion.SHELLS)
def shell(request) -> str:
    if not shutil.which(request.param):
        pytest.skip(f"{request.param} is not installed; on Debian, ./inv test installs it")
    return request.param


@pytest.fixture(scope="module")
def terminal(shell, repository, environment):
    terminal = Terminal(shell, SCRIPTS / f"inv.{shell}", repository, environment)
    terminal.completed("inv ")  # the first TAB in a repository has the candidates written
    wait_for(candidates(environment, repository))
    yield terminal
    terminal.close()


def candidates(environment: dict[str, str], folder: Path) -> Path:
    cache = Path(environment["HOME"], ".cache/fairlead/completion")
    return cache.joinpath(*folder.resolve().parts[1:], "=", "candidates")


def wait_for(path: Path, text: str = "") -> None:
    deadline = time.monotonic() + 30
    while not path.exists() or text not in path.read_text():
        assert time.monotonic() < deadline, f"{path} has not become what it was to be"
        time.sleep(0.1)


@pytest.mark.parametrize("case", CASES["lines"], ids=lambda case: case["typed"])
def test_tab_completes(terminal, case):
    line = case.get(terminal.shell, case["line"])
    assert terminal.completed(case["typed"]) == line


@pytest.mark.parametrize("case", CASES["offers"], ids=lambda case: case["typed"])
def test_tab_offers(terminal, case):
    shown = terminal.offered(case["typed"])
    words = {re.sub(r"^(?:--\w+=|…)", "", word) for word in shown}
    assert {word for word in case["words"] if not ends_some(word, words)} == set()
    assert {word for word in case["not"] if word in words} == set()


def ends_some(word: str, words: set[str]) -> bool:
    """fish cuts the beginning of what is long: `…aos.pool.create`."""
    return any(word == shown or (len(shown) > 5 and word.endswith(shown)) for shown in words)


def test_the_candidates_renew_themselves_where_the_site_changes(terminal, repository, environment):
    site = repository / "sites" / "pier.yml"
    before = site.read_text()
    try:
        site.write_text(before.replace("bastion: {}", "bastion: {}, capstan: {}"))
        terminal.completed("inv --host=caps")
        wait_for(candidates(environment, repository), "capstan")
        assert terminal.completed("inv --host=caps") == "inv --host=capstan "
    finally:
        site.write_text(before)
        renew(repository, environment)


def test_a_site_that_is_new_is_offered(terminal, repository, environment):
    site = repository / "sites" / "wharf.yml"
    try:
        site.write_text("hosts: {w1: {}}\n")
        terminal.completed("inv --site=whar")
        wait_for(candidates(environment, repository), "wharf")
        assert terminal.completed("inv --site=whar") == "inv --site=wharf "
    finally:
        site.unlink()
        renew(repository, environment)


def test_without_an_ops_repository_nothing_is_offered_and_nothing_is_run(
    shell, tmp_path, environment
):
    program = tmp_path / "bin" / "fairlead"
    program.parent.mkdir()
    program.write_text('#!/bin/sh\ntouch "$HOME/was-run"\n')
    program.chmod(0o755)
    own = environment | {"HOME": str(tmp_path), "PATH": f"{program.parent}:{os.environ['PATH']}"}
    terminal = Terminal(shell, SCRIPTS / f"inv.{shell}", tmp_path, own)
    try:
        assert terminal.completed("inv daos.po") == "inv daos.po"
    finally:
        terminal.close()
    assert not (tmp_path / "was-run").exists()


def test_the_fairlead_that_a_variable_names_writes_the_candidates(
    shell, repository, environment, tmp_path
):
    """Of a zipapp, which is in no PATH."""
    program = tmp_path / "named.pyz"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -P -m fairlead "$@"\n')
    program.chmod(0o755)
    own = {"HOME": str(tmp_path), "PATH": "/usr/bin:/bin", "FAIRLEAD_PROGRAM": str(program)}
    terminal = Terminal(shell, SCRIPTS / f"inv.{shell}", repository, environment | own)
    try:
        terminal.completed("inv ")
        wait_for(candidates(own, repository))
        assert terminal.completed("inv daos.po") == "inv daos.pool."
    finally:
        terminal.close()


def test_tab_starts_no_program_while_the_candidates_are_new(
    shell, terminal, repository, environment, tmp_path
):
    renew(repository, environment)
    os.utime(candidates(environment, repository))  # else what is new may be newer by the slack
    program = tmp_path / "fairlead"
    program.write_text(f"#!/bin/sh\ntouch '{tmp_path}/was-run'\n")
    program.chmod(0o755)
    terminal.line(f"set -gx PATH {tmp_path} $PATH" if shell == "fish" else f"PATH={tmp_path}:$PATH")
    assert terminal.completed("inv daos.po") == "inv daos.pool."
    terminal.line("sleep 0.3; wait")
    assert not (tmp_path / "was-run").exists()


def test_a_tab_takes_less_than_thirty_milliseconds(shell, terminal, repository, environment):
    """Of the processor's time, that of what the shell starts included: this machine may be busy
    with other things."""
    renew(repository, environment)
    os.utime(candidates(environment, repository))
    few, many = (seconds_of_tabs(shell, repository, environment, rounds) for rounds in (1, 11))
    milliseconds = (many - few) * 1000 / (10 * 6)
    print(f"{shell}: {milliseconds:.1f} ms a TAB")
    assert 0 < milliseconds < LIMIT


def seconds_of_tabs(shell: str, folder: Path, environment: dict[str, str], rounds: int) -> float:
    program, script = HERE / "shell" / f"measure.{shell}", SCRIPTS / f"inv.{shell}"
    command = [shell, str(program), str(script), str(rounds)]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=True
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert (done.stdout, done.stderr) == ("", "")
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def renew(folder: Path, environment: dict[str, str]) -> None:
    """Have the candidates written now."""
    own = environment | {"FAIRLEAD_HOME": str(folder)}
    command = ["fairlead", "completion.renew"]
    while renews(folder):
        time.sleep(0.2)
    subprocess.run(command, cwd=folder, env=own, stdout=subprocess.DEVNULL, check=True)


def renews(folder: Path) -> bool:
    """Does a process that a TAB has started still write the candidates?"""
    variable = f"FAIRLEAD_HOME={folder}".encode()
    for number in filter(str.isdigit, os.listdir("/proc")):
        with suppress(OSError):
            if variable in Path("/proc", number, "environ").read_bytes().split(b"\0"):
                return True
    return False


def test_the_script_for_bash_is_clean():
    if not shutil.which("shellcheck"):
        pytest.skip("shellcheck is not installed; on Debian, ./inv test installs it")
    command = ["shellcheck", "-s", "bash", str(SCRIPTS / "inv.bash")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stdout == ""
