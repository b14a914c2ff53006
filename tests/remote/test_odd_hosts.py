"""Hosts that are not as they should be: folders that are not ours, tools that are missing, disks
that are full, a systemd that is odd.
"""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from fairlead.model.errors import StepFailed
from fairlead.model.plan import Fact, Step
from fairlead.operations import script
from fairlead.remote import programs, transaction
from tests.machine import Machine, a_run, tree, waited
from tests.remote.steps import touch

pytestmark = pytest.mark.slow

sh = script.beside(__file__)

FULL = "No space left on device"
ROOT = pytest.mark.skipif("os.geteuid() != 0", reason="only root gives files away and mounts")


def refused(machine: Machine, tmp_path: Path) -> str:
    """What the transaction is refused with; nothing was done."""
    with pytest.raises(StepFailed) as refusal:
        machine.do(Step(name="a", do=("touch", str(tmp_path / "done"))))
    with pytest.raises(StepFailed, match="nothing was changed there"):
        machine.ask(lease=a_run())
    assert not (tmp_path / "done").exists()
    return str(refusal.value)


@ROOT
def test_a_state_folder_that_is_a_link_is_refused(machine: Machine, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    machine.state.symlink_to(tmp_path / "elsewhere")
    assert (
        refused(machine, tmp_path)
        == f"n1: {machine.state} is a symbolic link; nothing was changed there"
    )
    assert list((tmp_path / "elsewhere").iterdir()) == []


@ROOT
@pytest.mark.parametrize("there", [True, False])
def test_a_state_folder_below_a_link_is_refused(
    machine: Machine, tmp_path: Path, there: bool
) -> None:
    machine.folder.rename(tmp_path / "real")
    machine.folder.symlink_to(tmp_path / "real")
    if there:
        machine.state.mkdir()
    assert (
        refused(machine, tmp_path)
        == f"n1: {machine.folder} is a symbolic link; nothing was changed there"
    )
    assert there or not machine.state.exists()


@ROOT
@pytest.mark.parametrize("which", ["state", "volatile", "folder"])
def test_a_folder_that_is_somebody_elses_is_refused(
    machine: Machine, tmp_path: Path, which: str
) -> None:
    folder: Path = getattr(machine, which)
    folder.mkdir(exist_ok=True)
    os.chown(folder, 65534, 65534)
    assert (
        refused(machine, tmp_path)
        == f"n1: {folder} belongs to somebody else; nothing was changed there"
    )


@ROOT
def test_a_state_folder_that_cannot_be_made_is_refused(machine: Machine, tmp_path: Path) -> None:
    machine.state.write_text("a file")
    assert (
        refused(machine, tmp_path)
        == f"n1: {machine.state} cannot be made; nothing was changed there"
    )


def test_a_state_folder_that_stands_open_is_closed(machine: Machine) -> None:
    machine.state.mkdir(mode=0o755, parents=True)
    machine.do(Step(name="a", do=("true",)))
    assert [oct(folder.stat().st_mode & 0o777) for folder in (machine.state, machine.volatile)] == [
        "0o700",
        "0o700",
    ]


@pytest.fixture
def tools(machine: Machine) -> Path:
    """A PATH of our own: links to every tool there is."""
    for folder in ("/usr/sbin", "/usr/bin", "/sbin", "/bin"):
        for tool in Path(folder).iterdir():
            link = machine.bin / tool.name
            if not link.exists() and not link.is_symlink():
                link.symlink_to(tool)
    machine.path = f"{machine.bin} #"
    return machine.bin


@pytest.mark.parametrize("missing", [("flock",), ("setsid", "tail")])
def test_tools_that_are_missing_are_named(
    machine: Machine, tools: Path, missing: tuple[str, ...]
) -> None:
    original = machine.rewritten
    machine.rewritten = lambda program: (
        original(program).replace(" #/usr", " LC_ALL=C\n#").replace(" #", "\n#")
    )  # type: ignore[method-assign]
    assert machine.ask().values == {}
    for name in missing:
        (tools / name).unlink()
    with pytest.raises(StepFailed) as refusal:
        machine.ask(lease=a_run())
    assert (
        str(refusal.value)
        == f"n1: these programs are missing: {' '.join(missing)}; install util-linux and coreutils"
    )
    assert not machine.state.exists()


def test_a_flock_that_cannot_wait_is_named(machine: Machine) -> None:
    (machine.bin / "flock").write_text(
        '#!/bin/sh\n[ "$1" != -w ] || exit 1\nexec /usr/bin/flock "$@"\n'
    )
    (machine.bin / "flock").chmod(0o755)
    with pytest.raises(StepFailed, match="these programs are missing: flock-of-util-linux"):
        machine.ask()


def systemd(machine: Machine, text: str) -> None:
    (machine.folder / "systemd").mkdir(exist_ok=True)
    (machine.bin / "systemd-run").write_text(f"#!/bin/sh\n{text}\n")
    (machine.bin / "systemd-run").chmod(0o755)


STARTS = sh.text("systemd_run")


@ROOT
def test_where_systemd_reigns_the_worker_is_a_unit_of_its_own(machine: Machine) -> None:
    systemd(machine, f'echo "$*" >"{machine.folder}/said"\n{STARTS}')
    done = machine.do(Step(name="a", do=("true",)))
    body = machine.volatile / "runs" / done.name / "body"
    assert (done.state, (machine.folder / "said").read_text().strip()) == (
        "changed",
        f"--quiet --collect --unit=fairlead-{done.name} -p KillMode=process sh {body}",
    )


@ROOT
def test_a_step_has_the_proxies_that_a_fact_has_whoever_starts_it(
    machine: Machine, tmp_path: Path
) -> None:
    program = 'echo "$http_proxy|$https_proxy|$NO_PROXY|$DOCKER_HOST"'
    proxy = 'http://me:it\'s "$HOME" `id`@proxy.example:3128'
    machine.variables = {"http_proxy": proxy}
    fact = machine.ask(Fact("proxies", ("sh", "-c", program), lambda code, text: text))
    assert fact.values == {"proxies": f"{proxy}|||\n"}
    step = Step(name="a", do=("sh", "-c", f'{program} >"$1"', "_", str(tmp_path / "proxies")))
    for text in ("exit 1", STARTS):
        systemd(machine, text)
        assert machine.do(step).state == "changed"
        assert (tmp_path / "proxies").read_text() == f"{proxy}|||\n"


@ROOT
def test_where_systemd_does_not_take_it_the_worker_goes_its_own_way(machine: Machine) -> None:
    systemd(machine, "echo Failed to connect to bus >&2; exit 1")
    assert machine.do(Step(name="a", do=("true",))).state == "changed"


@ROOT
def test_where_systemd_says_no_and_starts_it_all_the_same_it_works_once(
    machine: Machine, tmp_path: Path
) -> None:
    systemd(machine, f"{STARTS}\nexit 1")
    done = machine.do(
        Step(name="a", do=("sh", "-c", 'echo x >>"$1"; sleep 0.3', "_", str(tmp_path / "log")))
    )
    assert (done.state, (tmp_path / "log").read_text()) == ("changed", "x\n")


@ROOT
def test_where_systemd_says_yes_and_starts_nothing_it_is_refused(
    machine: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = machine.rewritten
    machine.rewritten = lambda program: original(program).replace("-lt 500", "-lt 5")  # type: ignore[method-assign]
    systemd(machine, "exit 0")
    with pytest.raises(
        StepFailed, match="n1: systemd did not start it within 10 s; nothing was changed there"
    ):
        machine.do(Step(name="a", do=("touch", str(tmp_path / "done"))))
    assert (list((machine.state / "runs").iterdir()), machine.ask().runs) == ([], ())


@pytest.fixture
def small(machine: Machine) -> Iterator[Path]:
    """A disk of 256 KiB for what lasts."""
    machine.state.mkdir(parents=True)
    yield from mounted(machine.state)


def mounted(folder: Path) -> Iterator[Path]:
    """A disk of 256 KiB there, for as long as a test takes."""
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=256k,mode=700", "none", str(folder)],
        capture_output=True,
        timeout=10,
        check=False,
    )
    if done.returncode:
        pytest.skip("nothing can be mounted here")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], timeout=10, check=True)


def fill(folder: Path) -> None:
    """To the last block."""
    file = os.open(folder / "filling", os.O_WRONLY | os.O_CREAT)
    try:
        while True:
            os.write(file, b"x" * 4096)
    except OSError:
        os.close(file)


@ROOT
def test_where_the_disk_is_full_nothing_begins(
    machine: Machine, small: Path, tmp_path: Path
) -> None:
    machine.ask(lease=a_run())
    transaction.release(machine.connect(), "toy", "any")
    fill(small)
    with pytest.raises(
        StepFailed, match=r"(could not be written|cannot be made).*nothing was changed there"
    ):
        machine.do(Step(name="a", do=("touch", str(tmp_path / "done"))))
    assert not (tmp_path / "done").exists()
    (small / "filling").unlink()
    assert (list((small / "runs").iterdir()), machine.ask().runs) == ([], ())


@ROOT
def test_where_the_disk_fills_up_no_step_begins_that_could_not_be_undone(
    machine: Machine, small: Path, tmp_path: Path
) -> None:
    fills = sh("fill_disk", str(small))
    done = machine.do(
        Step(name="fill", do=fills, undo=("true",)),
        *(Step(name=str(n), do=("touch", str(tmp_path / f"done{n}"))) for n in range(400)),
    )
    assert done.state in ("open", "undone", "stuck")
    (small / "filling").unlink()
    marked = (small / "runs" / done.name / "marks").read_text().splitlines()
    made = len(list(tmp_path.glob("done*")))
    assert made < 400
    assert made <= len(marked)
    if done.state == "open":
        assert transaction.recover(machine.connect(), done.name, "toy").state == "undone"


@pytest.fixture
def tight(every: Machine) -> Iterator[Path]:
    """The same, with every kind of shell."""
    every.state.mkdir(parents=True)
    yield from mounted(every.state)


@ROOT
def test_a_disk_that_fills_up_hides_no_words_and_no_way_back(every: Machine, tight: Path) -> None:
    """What was reserved takes the undo, its proof and the end; of the programs nothing is lost."""
    fills = ("sh", "-c", 'cat /dev/zero >"$1/filling"; echo "cp: $2"; exit 1', "fill")
    proof = ("sh", "-c", "echo it does not answer; exit 1")
    done = every.do(
        Step(name="stop", do=("true",), undo=("echo", "started"), proof=proof, proof_within=0),
        Step(name="copy", do=(*fills, str(tight), FULL)),
    )
    assert (done.state, done.steps, done.undone) == ("undone", ["changed", "failed"], [1])
    assert done.ended.steps[1].output.endswith(f"\ncp: {FULL}\n")
    assert done.ended.undone[1] == (0, "started\n")
    assert done.ended.silent == ("it does not answer",)
    assert every.runs()[done.name].state == "undone"
    second = every.do(Step(name="a", do=("true",)))
    words = f"no way back could be noted in {tight}/runs/{second.name}: {FULL}\n"
    assert (second.state, second.ended.steps[0].output) == ("failed", words)


@ROOT
def test_a_user_without_rights_works_in_a_folder_of_his_own(machine: Machine) -> None:
    """The same programs as nobody: state below his home, locks below that."""
    home = machine.folder / "home"
    home.mkdir()
    for folder in (machine.folder, *machine.folder.parents):
        if folder.stat().st_uid == 0 and folder.stat().st_mode & 0o077 == 0:
            folder.chmod(0o711)
    os.chown(home, 65534, 65534)
    program = programs.transaction_program(
        "MARK", a_run(), 1, (Step(name="a", do=("id", "-un"), register="who", stdin="x"),)
    )
    done = subprocess.run(
        ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "sh", "-s"],
        input=program.encode(),
        capture_output=True,
        timeout=20,
        env={"PATH": "/usr/bin:/bin", "HOME": str(home)},
        cwd="/",
        check=False,
    )
    folder = home / ".local/state/fairlead" / os.uname().nodename
    assert b"\nMARK over changed\n" in done.stdout, done
    waited(lambda: list(folder.glob("boot-*/runs/*")) == [])
    assert sorted(path.name.partition("-")[0] for path in folder.iterdir()) == [
        "backups",
        "boot",
        "checked",
        "journal",
        "journal.last",
        "runs",
    ]


def bytes_of(name: str, count: int) -> Fact:
    return Fact(name, ("head", "-c", str(count), "/dev/zero"), lambda code, text: len(text))


def test_a_fact_that_did_not_arrive_whole_is_no_fact(every: Machine) -> None:
    assert every.ask(bytes_of("a", 4 << 20)).values == {"a": 4 << 20}
    with pytest.raises(StepFailed) as refusal:
        every.ask(bytes_of("a", 3), bytes_of("b", (4 << 20) + 3), bytes_of("c", 9 << 20))
    assert str(refusal.value) == (
        "n1: the answer to b, c did not arrive whole (more than 4 MiB?); nothing was changed there;"
        " look at what it is asked about"
    )


@pytest.fixture
def cramped(every: Machine) -> Iterator[Path]:
    """A host whose folders for temporary files are one disk of 256 KiB."""
    every.volatile.mkdir(parents=True)
    original = every.rewritten
    every.rewritten = lambda program: (  # type: ignore[method-assign]
        original(program)
        .replace("${TMPDIR:-/tmp}", str(every.volatile))
        .replace("/dev/shm", str(every.volatile))
    )
    yield from mounted(every.volatile)


@ROOT
def test_a_full_folder_for_temporary_files_is_no_answer(every: Machine, cramped: Path) -> None:
    assert every.ask(bytes_of("a", 3)).values == {"a": 3}
    step = touch(cramped.parent / "a")
    late = f"n1: no temporary file can be written in {cramped}"
    with pytest.raises(StepFailed, match="the answers to its facts cannot be written to"):
        every.ask(bytes_of("a", 3), bytes_of("b", 1 << 20))
    fill(cramped)
    with pytest.raises(StepFailed, match=late):
        every.ask(bytes_of("a", 3))
    with pytest.raises(StepFailed, match=late):
        transaction.dry(every.connect(), a_run(), 1, (step,))
    (cramped / "filling").unlink()
    assert list(cramped.iterdir()) == []


@ROOT
def test_a_dry_run_whose_answers_have_no_room_is_no_answer(every: Machine, cramped: Path) -> None:
    fills = Step(name="fill", unless=sh("fill_disk", str(cramped)), do=("true",))
    never = touch(cramped.parent / "a")
    with pytest.raises(StepFailed, match=r"the answers cannot be written to .*is it full"):
        transaction.dry(every.connect(), a_run(), 1, (fills, *[never] * 50))


def test_facts_lie_in_our_own_folder_where_there_is_one(every: Machine) -> None:
    where = Fact("where", ("sh", "-c", "mktemp; ls -l /proc/$$/fd/1"), lambda code, text: text)
    assert str(every.volatile) not in every.ask(where).values["where"]
    every.ask(lease=a_run())
    text = every.ask(where).values["where"]
    assert text.count(f"{every.volatile}/fairlead.") == 2
    assert list(every.volatile.glob("fairlead.*")) == []


def test_where_no_temporary_file_can_be_made_that_is_said(machine: Machine) -> None:
    (machine.bin / "mktemp").write_text("#!/bin/sh\nexit 1\n")
    (machine.bin / "mktemp").chmod(0o755)
    with pytest.raises(StepFailed, match="n1: no temporary file can be written in"):
        machine.ask(bytes_of("a", 3))


NOISE = ["\\033]0;n1\\007", "Welcome to n1", "Welcome\\n3 motd .\\n> ", "\\377\\000"]


@pytest.mark.parametrize("noise", NOISE)
def test_a_login_shell_that_prints_without_an_end_of_line_hides_nothing(
    every: Machine, tmp_path: Path, noise: str
) -> None:
    every.noise = noise
    fails = Step(name="b", do=("sh", "-c", "echo no room >&2; exit 3"))
    planned = transaction.dry(every.connect(), a_run(), 1, (touch(tmp_path / "a"), fails))
    assert (planned.state, [step.state for step in planned.steps]) == (
        "ok",
        ["would-change", "would-change"],
    )
    done = every.do(touch(tmp_path / "a"), fails)
    assert (done.state, done.steps, done.ended.steps[1].output) == (
        "undone",
        ["changed", "failed"],
        "no room\n",
    )
    assert every.ask(Fact("hi", ("echo", "hi"), lambda code, text: text)).values == {"hi": "hi\n"}
    assert transaction.replay(every.connect(), done.name).steps == done.ended.steps
    assert every.ask(lease=a_run()).holder is None
    assert transaction.runs(every.connect())[1]["toy"].who == "ann@desk"


def test_what_is_refused_leaves_nothing(machine: Machine) -> None:
    before = tree(machine.folder)
    machine.ask()
    transaction.dry(machine.connect(), a_run(), 1, (Step(name="a", do=("true",)),))
    assert tree(machine.folder) == before
