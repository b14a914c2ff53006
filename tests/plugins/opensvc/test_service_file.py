"""The agent's file: to the letter, refused where it cannot say something, compared by meaning."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from fairlead_plugins.opensvc.common import install, service_file
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
    assert unknown == {"env": {"netns"} if kind == "container" else set(), "conf": set()}


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
    assert new.read_text() == "the new one"
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
    words = install.sh("strict", "sh", "-c", 'echo "$1" >&2; exit "$2"', "agent", output, code)
    done = run_in(shell, tmp_path / "bin", words)
    assert (done.returncode, done.stdout) == (LOUD[output], f"{output}\n")
