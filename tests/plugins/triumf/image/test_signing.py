"""What signatures of images mean."""

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from fairlead.contract.loader import Plugins
from fairlead.operations import script
from tests.plugins.triumf.image.builder import ask

sh = script.beside(__file__)


def test_a_worker_starts_only_from_what_is_signed_where_the_site_asks_for_it(
    plugins: Plugins,
) -> None:
    from fairlead_plugins.triumf.image import signing

    worker = {"names": {"n1": ["vn0317"]}, "signed": True, "signer": "image.pub"}
    question = ask(plugins, "up", section={"worker": worker})
    (step,) = signing.checked(question, "n1:5000/sl6:latest")
    assert (step.name, step.do[3:], step.read_only) == (
        "signature of n1:5000/sl6:latest",
        ("signature", "n1:5000/sl6", "latest"),
        True,
    )
    assert dict(step.exit_messages)[22] == "n1:5000/sl6:latest is not signed: inv triumf.image.sign"
    assert [spec.name for spec in signing.needs(question)] == ["image.pub"]
    assert (
        list(
            signing.checked(
                ask(plugins, "up", section={"worker": worker | {"signed": False}}),
                "n1:5000/sl6:latest",
            )
        )
        == []
    )


@pytest.mark.parametrize(
    ("reference", "pair"),
    [
        ("n1:5000/sl6:v1", ("n1:5000/sl6", "v1")),
        ("n1:5000/sl6", ("n1:5000/sl6", "latest")),
        ("a/b/c:d", ("a/b/c", "d")),
    ],
)
def test_a_port_is_no_tag(plugins: Plugins, reference: str, pair: tuple[str, str]) -> None:
    from fairlead_plugins.triumf.image import signing

    assert signing.split(reference) == pair


def test_keys_go_with_the_program_that_had_them(plugins: Plugins, tmp_path: Path) -> None:
    from fairlead_plugins.triumf.image import signing

    engine = tmp_path / "docker"
    engine.write_text(f"#!/bin/sh\n{sh.text('docker')}")
    engine.chmod(0o755)
    home = subprocess.run(
        ["mktemp", "-d"], capture_output=True, text=True, check=True
    ).stdout.strip()
    gpg = ("gpg", "--homedir", home, "--batch", "--quiet", "--passphrase", "")
    subprocess.run(
        (*gpg, "--quick-generate-key", "a", "ed25519", "sign", "never"),
        check=True,
        capture_output=True,
    )
    key = subprocess.run((*gpg, "--export-secret-keys"), check=True, capture_output=True).stdout
    subprocess.run(("gpgconf", "--homedir", home, "--kill", "all"), check=True)
    subprocess.run(("rm", "-rf", home), check=True)
    words = signing.sh("signature", "n1:5000/sl6", "latest")
    with subprocess.Popen(
        words,
        stdin=subprocess.PIPE,
        env=os.environ | {"PATH": f"{tmp_path}:{os.environ['PATH']}"},
        start_new_session=True,
    ) as program:
        assert program.stdin
        program.stdin.write(key)
        program.stdin.close()
        noted = tmp_path / "docker.home"
        while not noted.exists() or not noted.read_text().strip():
            time.sleep(0.05)
        keys = Path(noted.read_text().strip())
        assert (keys.stat().st_mode & 0o777, any(keys.rglob("*.key"))) == (0o700, True)
        os.killpg(program.pid, signal.SIGTERM)
    assert not keys.exists()
