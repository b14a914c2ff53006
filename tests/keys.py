"""Keys for the tests of secrets: made once, by ssh-keygen and age's own library."""

import shutil
import subprocess
from pathlib import Path

import pytest

PASSPHRASE = "open sesame"


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an ed25519, rsa and ecdsa key, a locked ed25519 and rsa key, an rsa key in the
    old form, and an age identity.
    """
    if not shutil.which("ssh-keygen"):
        pytest.skip("needs ssh-keygen")
    import pyrage

    folder = tmp_path_factory.mktemp("keys")
    kinds = {
        "ed25519": "",
        "rsa": "",
        "ecdsa": "",
        "locked_ed25519": PASSPHRASE,
        "locked_rsa": PASSPHRASE,
        "old_rsa": "",
    }
    for name, phrase in kinds.items():
        kind = name.rpartition("_")[2]
        more = (
            ("-b", "2048") if kind == "rsa" else ()
        )  # as short as it may be: a longer one only takes longer
        old = ("-m", "PEM") if name == "old_rsa" else ()
        words = (
            "ssh-keygen",
            "-q",
            "-t",
            kind,
            *more,
            *old,
            "-N",
            phrase,
            "-f",
            str(folder / name),
            "-C",
            f"{name}@desk",
        )
        subprocess.run(words, check=True, stdin=subprocess.DEVNULL)
    key = pyrage.x25519.Identity.generate()
    (folder / "age").write_text(f"# made by a test\n{key}\n")
    (folder / "age").chmod(0o600)
    (folder / "age.pub").write_text(f"{key.to_public()} # ann\n")
    return folder
