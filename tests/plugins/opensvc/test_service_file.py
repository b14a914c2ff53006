"""The agent's file: to the letter, refused where it cannot say something, compared by meaning."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from fairlead_plugins.opensvc.common import install, service_file, steps
from fairlead_plugins.opensvc.common.sections import Container, Disk, Filesystem, Ip
from tests.machine import SHELLS
from tests.plugins.opensvc.services import DOCUMENT, NAME, cases, ids, run_in, service, typed


@pytest.mark.parametrize("case", cases("files"), ids=ids("files"))
def test_a_file(case: dict[str, Any]) -> None:
    changed = typed(service(**case.get("service", {})))
    if "refused" in case:
        with pytest.raises(service_file.Unsayable) as error:
            service_file.render(NAME, changed, case["generation"])
        assert str(error.value) == case["refused"]
        return
    text = service_file.render(NAME, changed, case["generation"])
    if "text" in case:
        assert text == case["text"]
    else:
        assert sorted(filter(None, text.splitlines())) == sorted(case["document"].splitlines())
        assert service_file.read(text) == service_file.read(case["document"])


KINDS = {"container": Container, "ip": Ip, "disk": Disk, "fs": Filesystem}


@pytest.mark.parametrize("kind", KINDS)
def test_every_field_has_a_word_in_each_grammar_or_is_refused_or_is_ours(kind: str) -> None:
    fields = {field.name for field in msgspec.structs.fields(KINDS[kind])} - service_file.OURS
    unknown = {
        grammar: fields - set(service_file.WORDS[grammar][kind]) for grammar in ("env", "conf")
    }
    in_2014 = {"netns", "tty", "interactive"} if kind == "container" else set()
    assert unknown == {"env": in_2014, "conf": set()}


def test_a_file_that_only_looks_different_is_the_same() -> None:
    text = service_file.render(NAME, typed(DOCUMENT), "2.1")
    other = "# ours\n" + text.replace(" = ", "=").replace("[DEFAULT]\n", "[DEFAULT]\nid = 0c5f\n")
    assert list(service_file.changed(other, text)) == []
    assert list(service_file.changed(text.replace("/bin/sh", "/bin/ash"), text)) == ["container#1"]


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize(
    ("installed", "code"), [("same", 0), ("loose", 0), ("other", 1), ("none", 1)]
)
def test_a_host_is_asked_whether_its_file_says_the_same(
    tmp_path: Path, installed: str, code: int, shell: str
) -> None:
    text = service_file.render(NAME, typed(DOCUMENT), "2.1")
    loose = "; ours\n" + text.replace(" = ", "=").replace("[DEFAULT]\n", "[DEFAULT]\n id = 0c5f\n")
    path = tmp_path / "file"
    if installed != "none":
        path.write_text(
            {"same": text, "loose": loose, "other": text.replace("ext4", "xfs")}[installed]
        )
    question = install.sh("file_says", str(path))
    assert run_in(shell, tmp_path / "bin", question, input=text).returncode == code


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("before", ["the old one", ""])
def test_a_file_that_was_laid_is_returned_to_what_it_was(
    tmp_path: Path, before: str, shell: str
) -> None:
    installed, new, old = (tmp_path / name for name in ("etc", "kept/new", "backups/old"))
    link = tmp_path / "link"
    if before:
        installed.write_text(before)
    words = (str(installed), str(new), str(old))
    lay, back = install.sh("lay_file", *words), install.sh("return_file", *words, str(link))
    assert run_in(shell, tmp_path / "bin", lay, input="the new one").returncode == 0
    assert new.read_text() == "the new one\n"
    installed.write_text("the new one")
    link.symlink_to("somewhere")
    for _ in range(2):
        assert run_in(shell, tmp_path / "bin", back).returncode == 0
        assert (installed.read_text() if installed.exists() else "") == before
    assert link.is_symlink() == bool(before)
    assert not new.exists()


LOUD = {"done": 0, "warning: ignored": 1, "Unknown key": 1, "fails": 1}


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("output", LOUD)
def test_an_agent_that_complains_has_failed(tmp_path: Path, output: str, shell: str) -> None:
    code = "7" if output == "fails" else "0"
    words = install.sh(
        "strict", "0 1", "sh", "-c", 'echo "$1" >&2; exit "$2"', "agent", output, code
    )
    done = run_in(shell, tmp_path / "bin", words)
    assert (done.returncode, done.stdout) == (LOUD[output], f"{output}\n")


@pytest.mark.parametrize("shell", SHELLS)
def test_a_file_that_is_replaced_keeps_the_id_of_the_service(tmp_path: Path, shell: str) -> None:
    installed, new, old = (tmp_path / name for name in ("etc", "kept/new", "backups/old"))
    installed.write_text("[DEFAULT]\napp = a\nid = 0c5f\n\n[fs#1]\nid = 7\n")
    lay = install.sh("lay_file", str(installed), str(new), str(old))
    text = "[DEFAULT]\napp = b\n\n[fs#1]\nmnt = /a\n"
    assert run_in(shell, tmp_path / "bin", lay, input=text).returncode == 0
    assert new.read_text() == text.replace("[DEFAULT]\n", "[DEFAULT]\nid = 0c5f\n")


ALERTS = {"[]": 0, "[\n]\n": 0, "null": 0, "": 1, '[{"kind": "unknown keyword"}]': 1}


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("output", ALERTS)
def test_agent_3_s_validation_is_read_by_what_it_prints(
    tmp_path: Path, output: str, shell: str
) -> None:
    done = run_in(shell, tmp_path / "bin", install.sh("no_alerts", "printf", "%s", output))
    assert (done.returncode, done.stdout.strip()) == (ALERTS[output], output * ALERTS[output])
    failed = run_in(shell, tmp_path / "bin", install.sh("no_alerts", "sh", "-c", "echo []; exit 2"))
    assert failed.returncode == 1


LINKS = {
    "the agent's own": ("{}/bin/svcmgr", "{}/etc/a.dir", 0),
    "the document's": ("../bin/svcmgr", "a.dir", 0),
    "another's": ("../bin/svcmon", "a.dir", 1),
    "to another service": ("../bin/svcmgr", "b.dir", 1),
}


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("case", LINKS)
def test_the_links_of_2014_may_be_absolute_or_not(tmp_path: Path, case: str, shell: str) -> None:
    program, folder, code = LINKS[case]
    for name in ("bin", "etc/a.dir", "etc/b.dir"):
        (tmp_path / name).mkdir(parents=True)
    for name in ("svcmgr", "svcmon"):
        (tmp_path / "bin" / name).touch()
    (tmp_path / "etc/a").symlink_to(program.format(tmp_path))
    (tmp_path / "etc/a.d").symlink_to(folder.format(tmp_path))
    question = install.sh("is_linked", str(tmp_path / "etc"), "a")
    assert run_in(shell, tmp_path / "path", question).returncode == code


@pytest.mark.parametrize("shell", SHELLS)
def test_the_folders_that_a_mount_made_go_and_no_others(tmp_path: Path, shell: str) -> None:
    note, there, full = tmp_path / "kept/note", tmp_path / "there", tmp_path / "full/a"
    there.mkdir()
    new, deep = tmp_path / "new", tmp_path / "a/b/c"
    words = ("note_missing", str(note), *map(str, (there, full, new, deep)))
    assert run_in(shell, tmp_path / "bin", steps.sh(*words)).returncode == 0
    for folder in (full, new, deep):
        folder.mkdir(parents=True)
    (full / "kept").touch()
    for _ in range(2):
        removal = run_in(shell, tmp_path / "bin", steps.sh("remove_noted", str(note)))
        assert (removal.returncode, removal.stderr) == (0, "")
        assert [folder.exists() for folder in (there, full, new, tmp_path / "a")] == [
            True,
            True,
            False,
            False,
        ]
