import pytest

from fairlead.output.folding import common_text, impersonal
from fairlead.output.sanitize import last_line, visible


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("plain [bold]text[/bold]\n", "plain [bold]text[/bold]\n"),
        ("\x1b[1;31mred\x1b[0m\x1b[2K\x1b[?25l", "red"),
        ("\x1b]0;title\x07", "^[]0;title^G"),
        ("\x1b]8;;http://x\x1b\\link", "^[]8;;http://x^[\\link"),
        ("one\r\ntwo\r\n", "one\ntwo\n"),
        ("10 %\r20 %\r", "20 %"),
        ("a\bb\x00\x7f", "a^Hb^@^?"),
        ("\x9b31m", "\\x9b31m"),
        ("\u202egnp.exe", "\\u202egnp.exe"),
        ("a\tb", "a       b"),
        ("\udcff", "\ufffd"),
        ("naïve 測定", "naïve 測定"),
    ],
)
def test_nothing_in_a_text_can_steer_a_terminal(text, seen):
    assert visible(text) == seen


@pytest.mark.parametrize(("text", "seen"), [("a\nb\n\n", "b"), ("", ""), ("x\r  \r", "x")])
def test_the_last_line_is_the_last_that_says_something(text, seen):
    assert last_line(text) == seen


@pytest.mark.parametrize(
    ("text", "host", "seen"),
    [
        ("n1: 10.0.3.1 port 22", "n1", "<host>: <address> port 22"),
        ("n1.example.org, n11, an1, n1-x", "n1", "<host>.example.org, n11, an1, n1-x"),
        ("sites/s.yml: hosts.n1.user: n1", "n1", "sites/s.yml: hosts.<host>.user: <host>"),
        ("version 5.1.4 of 1.2.3.4.", "n2", "version 5.1.4 of <address>."),
    ],
)
def test_what_is_a_hosts_own_is_found_in_a_text(text, host, seen):
    assert impersonal(text, host) == seen


def test_equal_texts_stay_as_they_are():
    assert common_text(["10.0.0.5 refuses"] * 2, ["n1", "n2"]) == "10.0.0.5 refuses"


def test_texts_that_differ_by_host_name_the_node_set():
    assert common_text(["--host=n1", "--host=n2"], ["n1", "n2"]) == "--host=n[1-2]"
