"""--plan=FILE on a command line is a dry run; `inv apply FILE` takes its word bare."""

from pathlib import Path

import pytest

from tests.cli.conftest import Line


def test_a_plan_is_a_dry_run_of_one_verb(
    inv: Line,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from fairlead.cli import plans

    monkeypatch.setattr(plans, "keep", inv.perform)
    file = tmp_path / "p.json"
    assert inv("toy.up", f"--plan={file}") == 0
    assert [(common.dry_run, common.plan) for _, common in inv.requests] == [(True, str(file))]
    for more in ("toy.down", "--explain"):
        assert inv("toy.up", f"--plan={file}", more) == 2
        assert "--plan: holds what one verb would do" in capsys.readouterr().err
    assert (len(inv.requests), file.exists()) == (1, False)


def test_apply_takes_its_file_as_a_bare_word(inv: Line, capsys: pytest.CaptureFixture[str]) -> None:
    for words in (("apply", "gone.json"), ("apply", "--file=gone.json")):
        assert inv(*words) == 2
        assert "gone.json: cannot be read: No such file" in capsys.readouterr().err
