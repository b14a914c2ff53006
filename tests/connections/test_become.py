"""The door to root: nothing goes in unasked, and every refusal has words."""

import pytest

from fairlead.connections import become
from fairlead.connections.become import Sudo
from fairlead.model.errors import FairleadError, SecretError, Unreachable
from fairlead.model.plan import Secret


def door(password: str = "open sesame") -> Sudo:
    return Sudo("n1", "bob", lambda host: Secret(password))


def words(sudo: Sudo) -> tuple[bytes, bytes]:
    """The prompt that sudo is to use, and the word that says that the door is open."""
    argv = sudo.argv(("sh", "-s"))
    return argv[argv.index("-p") + 1].encode(), argv[-3].encode()


def test_the_password_is_in_no_argument():
    sudo = door()
    prompt, ready = words(sudo)
    assert sudo.argv(("sh", "-s")) == (
        *("env", "LC_ALL=C", "sudo", "-S", "-p", prompt.decode(), "--"),
        *("sh", "-c", 'unset LC_ALL; echo "$0"; exec "$@"', ready.decode(), "sh", "-s"),
    )
    assert words(door()) != (prompt, ready)


def test_on_a_terminal_sudo_reads_from_it():
    assert Sudo("n1", "bob", lambda host: Secret(""), tty=True).argv(("id",))[:4] == (
        "env",
        "LC_ALL=C",
        "sudo",
        "-p",
    )


def test_the_password_goes_in_when_our_own_word_was_seen_and_the_rest_after_ready():
    sudo = door()
    prompt, ready = words(sudo)
    assert sudo.receive((1, b"rubbish of a .bashrc\nPassword:")) == (b"", [])
    assert sudo.receive((2, b"We trust you have received the usual lecture\n" + prompt[:9])) == (
        b"",
        [],
    )
    assert sudo.receive((2, prompt[9:])) == (b"open sesame\n", [])
    assert not sudo.open
    assert sudo.receive((1, ready[:5])) == (b"", [])
    assert sudo.receive((1, ready[5:] + b"\nfirst")) == (b"", [(1, b"first")])
    assert sudo.open
    assert sudo.receive((2, prompt)) == (b"", [(2, prompt)])


def test_with_nopasswd_no_password_is_asked_for_or_sent():
    sudo = Sudo("n1", "bob", lambda host: pytest.fail("asked for a password"))
    assert sudo.receive((1, words(sudo)[1] + b"\r\n")) == (b"", [])
    assert sudo.open


def test_a_wrong_password_is_told_at_the_first_refusal():
    sudo = door("wrong")
    prompt, _ = words(sudo)
    assert sudo.receive((2, prompt))[0] == b"wrong\n"
    with pytest.raises(SecretError) as refused:
        sudo.receive((2, b"Sorry, try again.\n" + prompt))
    assert (
        str(refused.value)
        == "n1: sudo refuses the password of bob; mend it in FAIRLEAD_SUDO_PASSWORD_FILE, or "
        "type it anew"
    )


@pytest.fixture
def typist(monkeypatch):
    """passwords -> what a person at a terminal answers, one after the other; the questions."""
    questions: list[str] = []

    def sit_down(*passwords: str) -> list[str]:
        words = iter(passwords)

        def answer(question: str) -> str:
            questions.append(question)
            return next(words)

        monkeypatch.delenv(become.FILE, raising=False)
        monkeypatch.setattr(become, "TYPED", become.TypedPasswords())
        monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
        monkeypatch.setattr("getpass.getpass", answer)
        return questions

    return sit_down


def at_door(host: str, *accepted: str) -> list[str]:
    """What is answered to sudo on this host until it lets us in, or gives up."""
    sudo = Sudo(host, "bob", become.passwords())
    prompt, ready = words(sudo)
    answers = [sudo.receive((2, prompt))[0].decode().strip()]
    while answers[-1] not in accepted:
        answers.append(sudo.receive((2, b"Sorry, try again.\n" + prompt))[0].decode().strip())
    sudo.receive((1, ready + b"\n"))
    return answers


ASKED, AGAIN = (
    "sudo password for the hosts: ",
    "sudo refuses it; once more, the sudo password for the hosts: ",
)


def test_a_mistyped_password_is_asked_for_again_and_the_hosts_that_follow_get_the_right_one(typist):
    questions = typist("barly", "barley")
    assert at_door("n1", "barley") == ["barly", "barley"]
    assert at_door("n2", "barley") == ["barley"]
    assert questions == [ASKED, AGAIN]


def test_hosts_with_different_passwords_keep_their_own(typist):
    questions = typist("rye", "oats")
    assert at_door("n1", "rye") == ["rye"]
    assert at_door("n2", "oats") == ["rye", "oats"]
    assert at_door("n1", "rye") == ["rye"]
    assert questions == [ASKED, AGAIN]


def test_after_three_tries_it_is_an_error(typist):
    questions = typist("one", "two", "three")
    with pytest.raises(SecretError, match="n1: sudo refuses the password of bob; mend it in"):
        at_door("n1", "barley")
    assert questions == [ASKED, AGAIN, AGAIN]


@pytest.mark.parametrize(
    ("output", "message"),
    [
        (
            "sudo: sorry, you must have a tty to run sudo\n",
            Unreachable(
                "n1",
                "sudo wants a terminal (requiretty)",
                "visudo there: `Defaults:bob !requiretty`, or log in as root",
            ),
        ),
        (
            "bob is not in the sudoers file.\n",
            Unreachable(
                "n1", "sudo does not let bob become root", "add bob with visudo, or log in as root"
            ),
        ),
        (
            "Sorry, user bob is not allowed to execute '/bin/sh' as root on n1.\n",
            Unreachable(
                "n1", "sudo does not let bob become root", "add bob with visudo, or log in as root"
            ),
        ),
        (
            "env: 'sudo': No such file or directory\n",
            Unreachable(
                "n1", "has no sudo", "install it, or log in as root and write `sudo: false`"
            ),
        ),
        (
            "sudo: Account expired, contact your system administrator\n",
            Unreachable(
                "n1",
                "sudo says that the account or password of bob has expired",
                "renew it there: passwd bob",
            ),
        ),
        (
            "Verification code: ",
            Unreachable(
                "n1", "sudo does not let bob in (Verification code:)", "try there: sudo sh"
            ),
        ),
        ("", Unreachable("n1", "sudo does not let bob in (it said nothing)", "try there: sudo sh")),
        (
            "sudo: 1 incorrect password attempt\n",
            SecretError(
                "n1",
                "sudo refuses the password of bob",
                f"mend it in {become.FILE}, or type it anew",
            ),
        ),
    ],
)
def test_every_refusal_has_words(output: str, message: FairleadError):
    sudo = door()
    sudo.receive((2, output.encode()))
    assert (type(sudo.refusal()), str(sudo.refusal())) == (type(message), str(message))


def test_the_file_counts_more_than_the_question(tmp_path, monkeypatch):
    (tmp_path / "password").write_text("from the file\nnot this\n")
    (tmp_path / "password").chmod(0o600)
    monkeypatch.setenv(become.FILE, str(tmp_path / "password"))
    assert become.passwords(lambda host: pytest.fail("asked"))("n1") == Secret("from the file")


def test_without_a_file_the_given_question_is_asked(monkeypatch):
    monkeypatch.delenv(become.FILE, raising=False)
    assert become.passwords(lambda host: Secret(f"for {host}"))("n1") == Secret("for n1")


def test_without_a_file_a_question_and_a_terminal_it_says_what_to_do(monkeypatch):
    monkeypatch.delenv(become.FILE, raising=False)
    monkeypatch.setattr("sys.stdin", open("/dev/null"))  # noqa: SIM115
    with pytest.raises(SecretError) as refused:
        become.passwords()("n1")
    message = (
        "n1: sudo wants a password and there is no terminal to ask at; name a file of "
        "mode 0600 in FAIRLEAD_SUDO_PASSWORD_FILE, or allow NOPASSWD"
    )
    assert str(refused.value) == message


@pytest.mark.parametrize(
    ("mode", "content", "what"),
    [
        (0o644, "barley", "is open to others (-rw-r--r--)"),
        (0o660, "barley", "is open to others (-rw-rw----)"),
        (0o600, "", "is empty"),
        (0o600, "\nbarley", "is empty"),
    ],
)
def test_a_file_that_others_can_read_or_that_is_empty_is_refused(mode, content, what, tmp_path):
    path = tmp_path / "password"
    path.write_text(content)
    path.chmod(mode)
    with pytest.raises(SecretError) as refused:
        become.from_file(str(path))
    assert refused.value.what == f"{path} {what}"
    assert "barley" not in str(refused.value)


def test_a_file_that_is_not_there_is_refused():
    with pytest.raises(SecretError) as refused:
        become.from_file("/absent/password")
    message = (
        "/absent/password cannot be read (No such file or directory); name a file of "
        "mode 0600 that holds the password"
    )
    assert str(refused.value) == f"{become.FILE}: {message}"
