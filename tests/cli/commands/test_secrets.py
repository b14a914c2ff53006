"""`inv secrets.*`: from no recipients at all to a value that was edited."""

import contextlib
import io
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from fairlead.cli.commands import secrets as chores
from fairlead.cli.invocation import Invocation
from fairlead.connections import editor
from fairlead.contract.loader import Plugins
from fairlead.model.errors import CommandLineError, SecretError
from fairlead.model.plan import Secret
from fairlead.secrets.store import Store
from tests.e2e.terminal import Terminal
from tests.keys import PASSPHRASE, made  # noqa: F401

pytestmark = pytest.mark.slow

COMMON = SimpleNamespace(yes=False)
ROOT = Path(__file__).parents[3]
MARKER = "Vq7-marker-of-a-secret"


@pytest.fixture
def context(tmp_path, made, monkeypatch):  # noqa: F811
    monkeypatch.setenv("FAIRLEAD_IDENTITY", str(made / "ed25519"))
    monkeypatch.setenv("EDITOR", "true")
    monkeypatch.delenv("VISUAL", raising=False)
    store = Store(tmp_path / "secrets", os.environ, lambda where: Secret(""))
    return SimpleNamespace(store=lambda: store, confirm=lambda question, word: False, keys=made)


def piped(monkeypatch, data: bytes) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))


def test_from_nothing_to_a_value(context, monkeypatch):
    assert (
        chores.init(context, COMMON).text
        == "ssh-ed25519 ed25519@desk can read what is set from now on"
    )
    assert chores.init(context, COMMON).text == "nothing new: they are recipients already"
    assert (context.store().folder / ".gitignore").read_text().split("\n")[0] == "*"
    assert chores.list_(context, COMMON).text == "no secrets here"
    piped(monkeypatch, f"{MARKER}\n".encode())
    assert chores.set_(context, COMMON, name="pw").text == "secrets/pw: set for ed25519@desk"
    shown = chores.show(context, SimpleNamespace(yes=True), name="pw")
    assert (shown.text, shown.data) == (MARKER, {"name": "pw", "value": MARKER})
    piped(monkeypatch, b"two\nlines\n")
    assert chores.set_(context, COMMON, name="pw").text == "secrets/pw: replaced for ed25519@desk"
    assert context.store().read("pw") == Secret("two\nlines\n")
    assert chores.list_(context, COMMON).text == "pw"


def test_a_file_is_taken_byte_for_byte(context, tmp_path):
    chores.init(context, COMMON)
    (tmp_path / "f").write_bytes(b"\0\xff\n")
    chores.set_(context, COMMON, name="bin", file=str(tmp_path / "f"))
    assert context.store().read("bin") == Secret(b"\0\xff\n")
    with pytest.raises(SecretError, match="secrets/bin: is no text; it cannot be shown"):
        chores.show(context, SimpleNamespace(yes=True), name="bin")


def test_another_reader_is_let_in_by_a_rekey(context, monkeypatch):
    chores.init(context, COMMON)
    piped(monkeypatch, b"x")
    chores.set_(context, COMMON, name="pw")
    text = chores.init(context, COMMON, recipient=(str(context.keys / "age.pub"),)).text
    assert text.endswith(
        "ann can read what is set from now on; inv secrets.rekey lets them read what is there"
    )
    assert (
        chores.who(context, COMMON).text
        == "ssh-ed25519  ed25519@desk\nage  ann\npw: still encrypted for others: inv secrets.rekey"
    )
    assert chores.rekey(context, COMMON).text == "1 secrets are encrypted for ed25519@desk, ann"
    assert chores.who(context, COMMON).data["stale"] == []


def test_nobody_locks_himself_out_unasked(context):
    chores.init(context, COMMON, recipient=((context.keys / "rsa.pub").read_text().strip(),))
    with pytest.raises(CommandLineError, match="nothing was changed: the answer was no"):
        chores.rekey(context, COMMON)


def test_it_is_shown_to_no_pipe(context, monkeypatch):
    monkeypatch.setattr(sys, "stdout", io.StringIO())
    with pytest.raises(
        CommandLineError, match="stdout is no terminal, .*; say --yes if that is meant"
    ):
        chores.show(context, COMMON, name="pw")


def test_what_lies_open_ends_with_7(context, tmp_path):
    chores.init(context, COMMON)
    assert (chores.check(context, COMMON).text, chores.check(context, COMMON).code) == (
        "no secret lies open here",
        0,
    )
    (tmp_path / "secrets" / "new").write_text("x")
    result = chores.check(context, COMMON)
    assert (result.text, result.code) == (
        "secrets/new: is not encrypted; move it into the store: inv secrets.set --name=...",
        7,
    )


@pytest.mark.parametrize("given", ["nonsense", "/nowhere"])
def test_what_is_no_recipient_is_refused(context, given):
    with pytest.raises(
        CommandLineError, match="is neither a public key nor a file of them; for instance"
    ):
        chores.init(context, COMMON, recipient=(given,))


# Keys with a passphrase, from the command line


@pytest.mark.parametrize(
    ("key", "phrase", "says"),
    [
        ("locked_ed25519", PASSPHRASE, (0, f"{MARKER}\n", "")),
        ("locked_rsa", PASSPHRASE, (0, f"{MARKER}\n", "")),
        (
            "locked_ed25519",
            "wrong",
            (
                7,
                "",
                "fairlead: KEY: the passphrase does not open it; "
                "try again, or look at FAIRLEAD_PASSPHRASE_FILE\n",
            ),
        ),
        (
            "locked_rsa",
            "",
            (
                7,
                "",
                "fairlead: KEY: has a passphrase, and there is no terminal to ask at; "
                "name a file of mode 0600 in FAIRLEAD_PASSPHRASE_FILE\n",
            ),
        ),
    ],
)
def test_a_locked_key_opens_with_its_passphrase_file_alone(context, tmp_path, key, phrase, says):
    environment = os.environ | locked(context, tmp_path, key)
    (tmp_path / "phrase").write_text(f"{phrase}\n")
    (tmp_path / "phrase").chmod(0o600)
    environment |= {"FAIRLEAD_PASSPHRASE_FILE": str(tmp_path / "phrase")} if phrase else {}
    words = [sys.executable, "-P", "-m", "fairlead", "secrets.show", "--name=pw", "--yes"]
    done = subprocess.run(
        words,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (
        done.returncode,
        done.stdout,
        done.stderr.replace(str(context.keys / key), "KEY"),
    ) == says


def locked(context, folder: Path, key: str) -> dict[str, str]:
    """An ops repository whose secrets pw and other this key alone opens.

    Returns the environment in which it is called.
    """
    chores.init(context, COMMON, recipient=(str(context.keys / f"{key}.pub"),))
    for name, value in (("pw", MARKER), ("other", "of no interest")):
        context.store().write(name, Secret(value))
    (folder / "tasks.py").write_text(
        "from fairlead.cli.tasks import namespace\nns = namespace(globals())\n"
    )
    return {
        "FAIRLEAD_HOME": str(folder),
        "FAIRLEAD_IDENTITY": str(context.keys / key),
        "PYTHONPATH": str(ROOT),
    }


@pytest.mark.parametrize("key", ["locked_ed25519", "locked_rsa"])
@pytest.mark.parametrize(
    ("typed", "ends"),
    [
        ((PASSPHRASE,), (0, f"{MARKER}\nof no interest\n")),
        (("mistyped", PASSPHRASE), (0, f"{MARKER}\nof no interest\n")),
        (
            ("wrong", "wronger", "wrongest"),
            (
                7,
                "fairlead: KEY: the passphrase does not open it; "
                "try again, or look at FAIRLEAD_PASSPHRASE_FILE\n",
            ),
        ),
    ],
    ids=["right", "mistyped", "wrong"],
)
def test_a_passphrase_is_typed_at_a_terminal_until_it_fits_and_does_not_show(
    context, tmp_path, key, typed, ends
):
    with Terminal(
        "secrets.show",
        "--name=pw",
        "secrets.show",
        "--name=other",
        "--yes",
        **locked(context, tmp_path, key),
    ) as terminal:
        for passphrase in typed:
            terminal.waits_for(f"passphrase of {context.keys / key}: ")
            terminal.type(f"{passphrase}\r")
        code, seen = (
            terminal.ended(),
            terminal.seen.replace("\r", "").replace(str(context.keys / key), "KEY"),
        )
    assert (code, seen.replace("passphrase of KEY: ", "").lstrip("\n")) == ends


def test_a_variable_that_is_a_secret_is_inherited_by_nobody(tmp_path, monkeypatch):
    monkeypatch.setenv("FAIRLEAD_SECRET_PW", MARKER)
    line = Invocation(Plugins(), tmp_path, {})
    assert (
        subprocess.run(["env"], capture_output=True, text=True, check=True).stdout.count(MARKER),
        line.environment["FAIRLEAD_SECRET_PW"],
    ) == (
        0,
        MARKER,
    )


# The editor


def script(tmp_path: Path, text: str) -> str:
    (tmp_path / "editor").write_text(f"#!/bin/sh\n{text}\n")
    (tmp_path / "editor").chmod(0o755)
    return str(tmp_path / "editor")


@pytest.fixture
def memory(tmp_path) -> Path:
    (tmp_path / "memory").mkdir()
    return tmp_path / "memory"


def gone(memory: Path) -> bool:
    end = time.monotonic() + 5
    while list(memory.iterdir()) and time.monotonic() < end:
        time.sleep(0.02)
    return not list(memory.iterdir())


def test_a_text_is_edited_in_a_file_of_our_own(tmp_path, memory):
    argv = script(tmp_path, f'stat -c %a "$2" "${{2%/*}}" >{tmp_path}/modes; echo "$1" >>"$2"')
    assert (
        editor.edit("pw", b"one\n", {"EDITOR": f"{argv} 'two three'"}, str(memory))
        == b"one\ntwo three\n"
    )
    assert ((tmp_path / "modes").read_text(), list(memory.iterdir())) == ("600\n700\n", [])


@pytest.mark.parametrize("text", ["exit 3", "kill -9 $$"])
def test_an_editor_that_fails_changes_nothing_and_leaves_nothing(tmp_path, memory, text):
    with pytest.raises(
        SecretError, match=r"secrets/pw: the editor ended with \d+; nothing was changed"
    ):
        editor.edit("pw", MARKER.encode(), {"EDITOR": script(tmp_path, text)}, str(memory))
    assert gone(memory)


def editing(tmp_path: Path, memory: Path) -> subprocess.Popen[bytes]:
    """Somebody who has an editor open, whose number is in the file pid."""
    argv = script(tmp_path, f"echo $$ >{tmp_path}/pid; exec sleep 30")
    call = f"edit('pw', b'x', {{'EDITOR': {argv!r}}}, {str(memory)!r})"
    code = f"from fairlead.connections.editor import edit; {call}"
    process = subprocess.Popen([sys.executable, "-c", code], cwd=Path(__file__).parents[3])
    end = time.monotonic() + 10
    while not (tmp_path / "pid").exists() and time.monotonic() < end:
        time.sleep(0.02)
    assert list(memory.iterdir())
    return process


def end_the_editor(tmp_path: Path) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), signal.SIGKILL)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_nothing_is_left_when_we_are_killed_in_the_middle(tmp_path, memory, number):
    process = editing(tmp_path, memory)
    process.send_signal(number)
    if number == signal.SIGINT:  # belongs to the editor alone
        time.sleep(0.2)
        assert list(memory.iterdir())
        end_the_editor(tmp_path)
    assert gone(memory)
    end_the_editor(tmp_path)
    process.wait(10)


def test_what_is_left_when_our_guard_is_killed_too_goes_with_the_next_edit(tmp_path, memory):
    process = editing(tmp_path, memory)
    guard = next(
        int(path.parent.name)
        for path in Path("/proc").glob("[0-9]*/cmdline")
        if f"guard\0{memory}".encode() in readable(path)
    )
    os.kill(guard, signal.SIGKILL)
    process.kill()
    process.wait(10)
    end_the_editor(tmp_path)
    left = [*memory.iterdir()]
    assert len(left) == 1
    (memory / f"{editor.PREFIX}{os.getpid()}-other").mkdir()
    assert editor.edit("pw", b"one", {"EDITOR": "true"}, str(memory)) == b"one"
    assert [path.name for path in memory.iterdir()] == [f"{editor.PREFIX}{os.getpid()}-other"]


def readable(path: Path) -> bytes:
    with contextlib.suppress(OSError):
        return path.read_bytes()
    return b""


def test_without_memory_it_is_not_edited_at_all():
    with pytest.raises(
        SecretError, match="/nowhere: is not there, and a secret is not put on a disk to be edited"
    ):
        editor.edit("pw", b"x", {}, "/nowhere")


def test_an_edit_that_changes_nothing_writes_nothing(context, monkeypatch):
    chores.init(context, COMMON)
    context.store().write("pw", Secret("x"))
    before = (context.store().folder / "pw.age").read_bytes()
    monkeypatch.setattr(editor, "edit", lambda name, text, environment: text)
    assert chores.edit(context, COMMON, name="pw").text == "secrets/pw: unchanged"
    assert (context.store().folder / "pw.age").read_bytes() == before
    monkeypatch.setattr(editor, "edit", lambda name, text, environment: text + b"y")
    assert chores.edit(context, COMMON, name="pw").text == "secrets/pw: changed"
    assert context.store().read("pw") == Secret("xy")
