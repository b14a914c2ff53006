"""The age store: encrypted for people, opened with their keys, in memory."""

import stat
from pathlib import Path

import pytest

from fairlead.model.errors import SecretError
from fairlead.model.plan import Secret
from fairlead.secrets.identities import passphrase_from
from fairlead.secrets.store import Store
from tests.keys import PASSPHRASE, made  # noqa: F401

VALUE = Secret("Fm9 line one\nline two \xff\0".encode("latin-1"))


class Ops:
    """A secrets folder for the owners of some keys, seen by the owner of one."""

    def __init__(self, folder: Path, keys: Path):
        self.folder, self.keys, self.asked, self.phrase = folder / "secrets", keys, [], PASSPHRASE
        self.folder.mkdir()

    def recipients(self, *names: str) -> None:
        (self.folder / "recipients").write_text(
            "# who\n\n" + "".join((self.keys / f"{name}.pub").read_text() for name in names)
        )

    def store(self, identity: str = "", home: str = "/nowhere") -> Store:
        environment = {"HOME": home} | (
            {"FAIRLEAD_IDENTITY": str(self.keys / identity)} if identity else {}
        )
        return Store(self.folder, environment, self.unlock)

    def unlock(self, where: str) -> Secret:
        self.asked.append(Path(where).name)
        return Secret(self.phrase)

    def refusal(self, what, *words) -> str:
        with pytest.raises(SecretError) as refused:
            what(*words)
        return str(refused.value).replace(str(self.keys), "KEYS")


@pytest.fixture
def ops(tmp_path, made) -> Ops:  # noqa: F811
    return Ops(tmp_path, made)


@pytest.mark.parametrize(
    "key", ["age", "ed25519", "rsa", "old_rsa", "locked_ed25519", "locked_rsa"]
)
def test_what_is_written_for_a_key_is_read_with_it(ops, key):
    ops.recipients("ed25519", key) if key != "ed25519" else ops.recipients(key)
    ops.store().write("a", VALUE)
    assert ops.store(key).read("a") == VALUE
    assert ops.asked == ([key] if "locked" in key else [])


def test_nothing_plain_lies_there_and_nobody_else_can_read_it(ops):
    ops.recipients("age")
    ops.store().write("a", VALUE)
    files = sorted(ops.folder.iterdir())
    assert [path.name for path in files] == ["a.age", "recipients"]
    assert stat.S_IMODE(files[0].stat().st_mode) == 0o600
    assert b"Fm9" not in files[0].read_bytes()


def test_the_passphrase_is_asked_for_once_and_only_of_a_key_that_fits(ops, tmp_path):
    home = tmp_path / "home"
    (home / ".ssh").mkdir(parents=True)
    for name, there in (("locked_ed25519", "id_ed25519"), ("locked_rsa", "id_rsa")):
        (home / ".ssh" / there).symlink_to(ops.keys / name)
    ops.recipients("locked_rsa", "age")
    for name in "ab":
        ops.store().write(name, VALUE)
    store = ops.store(home=str(home))
    assert (store.read("a"), store.read("b"), store.read("a")) == (VALUE, VALUE, VALUE)
    assert ops.asked == ["id_rsa"]


def test_a_rekey_lets_in_whom_the_recipients_name_today(ops):
    ops.recipients("age")
    ops.store().write("a", VALUE)
    ops.recipients("age", "ed25519")
    store = ops.store("age")
    assert (store.is_stale("a"), store.rekey(), store.is_stale("a")) == (True, ("a",), False)
    assert ops.store("ed25519").read("a") == VALUE


def test_a_rekey_that_cannot_read_everything_changes_nothing(ops):
    ops.recipients("age")
    ops.store().write("a", VALUE)
    ops.recipients("rsa")
    ops.store().write("b", VALUE)
    before = {path.name: path.read_bytes() for path in ops.folder.iterdir()}
    assert "secrets/b" in ops.refusal(ops.store("age").rekey)
    assert {path.name: path.read_bytes() for path in ops.folder.iterdir()} == before


def test_who_opens_nothing_himself_is_known_before_a_rekey(ops):
    ops.recipients("ed25519", "age")
    assert [ops.store(key).opens() for key in ("ed25519", "age", "rsa")] == [True, True, False]


def test_every_refusal_is_one_sentence(ops, tmp_path):
    ops.recipients("age")
    ops.store().write("a", VALUE)
    (ops.folder / "cut.age").write_bytes((ops.folder / "a.age").read_bytes()[:-3])
    (ops.folder / "no.age").write_text("password: x")
    ops.recipients("locked_rsa")
    ops.store().write("c", VALUE)
    (tmp_path / "open").write_text("AGE-SECRET-KEY-1")
    ops.phrase = "wrong"
    ours = ops.store("age")
    assert [
        ops.refusal(ours.read, "nix"),
        ops.refusal(ours.read, "../a"),
        ops.refusal(ours.read, "c"),
        ops.refusal(ours.read, "no"),
        ops.refusal(ours.read, "cut").split(":")[0],
        ops.refusal(ours.write, "d", Secret("")),
        ops.refusal(ops.store().read, "a"),
        ops.refusal(ops.store("ecdsa").read, "a"),
        ops.refusal(ops.store("age.pub").read, "a"),
        ops.refusal(ops.store("locked_rsa").read, "c"),
    ] == [
        "secrets/nix: there is no such secret; inv secrets.set --name=nix",
        "--name: '../a' is no name of a secret; letters, digits and . _ -, such as ps1.key",
        (
            "secrets/c: none of your keys opens it (KEYS/age); have a recipient add your public "
            "key and run inv secrets.rekey"
        ),
        "secrets/no: is no age file; inv secrets.set --name=no",
        "secrets/cut",
        "secrets/d: an empty value is no secret; give it on stdin, with --file, or type it",
        (
            "secrets/a: you have no key to open it with; name one in FAIRLEAD_IDENTITY, or inv "
            "secrets.init"
        ),
        "KEYS/ecdsa: age cannot decrypt with a key of the kind ecdsa-sha2-nistp256; "
        "name an ed25519 or rsa key, or an age identity, in FAIRLEAD_IDENTITY",
        "FAIRLEAD_IDENTITY: KEYS/age.pub is open to others (-rw-r--r--); chmod 600 KEYS/age.pub",
        (
            "KEYS/locked_rsa: the passphrase does not open it; try again, or look at "
            "FAIRLEAD_PASSPHRASE_FILE"
        ),
    ]


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (
            "ecdsa",
            (
                "secrets/recipients:2: age cannot encrypt for ecdsa-sha2-nistp256 keys; give an "
                "ed25519 or rsa key, or an age key"
            ),
        ),
        (
            "age1nonsense",
            (
                "secrets/recipients:2: 'age1nonsense' is no public key; wanted age1..., "
                "ssh-ed25519 ... or ssh-rsa ..."
            ),
        ),
        (
            "ssh-rsa AAAA x",
            (
                "secrets/recipients:2: 'ssh-rsa AAAA' is no public key; wanted age1..., "
                "ssh-ed25519 ... or ssh-rsa ..."
            ),
        ),
        (
            "# nobody",
            (
                "secrets/recipients: names nobody for whom secrets could be encrypted; inv "
                "secrets.init"
            ),
        ),
    ],
)
def test_a_line_that_is_no_recipient_is_named(ops, line, says):
    text = (ops.keys / "ecdsa.pub").read_text() if line == "ecdsa" else f"{line}\n"
    (ops.folder / "recipients").write_text("\n" + text)
    assert ops.refusal(ops.store().write, "a", VALUE) == says


def test_a_passphrase_file_is_nobody_elses(tmp_path, ops):
    path = tmp_path / "phrase"
    path.write_text("open sesame\nmore\n")
    sentence = ops.refusal(passphrase_from, {"FAIRLEAD_PASSPHRASE_FILE": str(path)})
    assert (
        sentence
        == f"FAIRLEAD_PASSPHRASE_FILE: {path} is open to others (-rw-r--r--); chmod 600 {path}"
    )
    path.chmod(0o600)
    assert passphrase_from({"FAIRLEAD_PASSPHRASE_FILE": str(path)}) == Secret("open sesame")
    assert passphrase_from({}) is None
