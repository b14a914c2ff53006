"""exec and logs: a terminal on one host, folded over many; exit codes, stdin, Ctrl-C."""

import signal

from tests.e2e.ground import NAME, done, sh, under
from tests.e2e.inv import inv, start
from tests.e2e.terminal import Terminal

ARGV = 'for word; do echo "<$word>"; done'
LEFT = "ps -eo args | grep '[d]ocker logs' || true"


def test_a_prompt_is_a_terminal(running) -> None:
    with Terminal("perfsonar.exec", "--host=n1", rows=24, columns=80) as prompt:
        prompt.waits_for("# ")
        prompt.type("stty size; echo $((6 * 7))\n")
        prompt.waits_for("24 80\r\n42\r\n")
        prompt.resize(40, 120)
        prompt.type("sleep 0.3; stty size; tty\n")
        prompt.waits_for("40 120\r\n/dev/pts/")
        prompt.type("sh -c 'echo begun; sleep 60; echo ended'\n")  # says so once it is in front
        prompt.waits_for("\r\nbegun\r\n")
        prompt.type("\x03")
        prompt.waits_for(r"\^C")
        prompt.type("echo still here; exit 7\n")
        prompt.waits_for("still here\r\n")
        assert prompt.ended() == 7


def test_a_command_in_a_terminal_ends_with_its_code(running) -> None:
    with Terminal("perfsonar.exec", "--host=n1", "--", "sh", "-c", "tty; exit 5") as command:
        assert (command.ended(), command.seen.startswith("/dev/pts/")) == (5, True)


def test_the_exit_code_of_the_one_its_stdout_and_its_stderr(running) -> None:
    said = inv("perfsonar.exec", "--host=n1", "--", "sh", "-c", "echo out; echo err >&2; exit 3")
    assert (said.code, said.out, said.err) == (3, "out\n", "err\n")


def test_stdout_and_stderr_of_many_are_told_in_one(running) -> None:
    said = inv("perfsonar.exec", "--", "sh", "-c", "echo out; sleep 0.2; echo err >&2; exit 3")
    assert (said.code, said.out) == (1, "--- n[1-3] (exit 1) ---\nout\nerr\n")


def test_words_arrive_as_they_were_given(running) -> None:
    said = done(
        "perfsonar.exec",
        "--host=n1",
        "--",
        "sh",
        "-c",
        ARGV,
        "x",
        "sh",
        "-c",
        "a;b",
        "$HOME",
        "",
        "it's",
        "*",
        "a\nb",
    )
    assert said.out == "<sh>\n<-c>\n<a;b>\n<$HOME>\n<>\n<it's>\n<*>\n<a\nb>\n"


def test_what_is_piped_in_arrives(running) -> None:
    text = "".join(f"line {number}\n" for number in range(2000))
    assert done(
        "perfsonar.exec", "--host=n1", "--", "sh", "-c", "sort -r | wc", stdin=text
    ).out.split() == ["2000", "4000", str(len(text))]


def test_equal_output_of_many_is_folded(running) -> None:
    said = inv(
        "perfsonar.exec",
        "--",
        "sh",
        "-c",
        'echo same; [ "$(cat /proc/1/comm)" != systemd ] || exit 4',
    )
    assert (said.code, said.out) == (1, "--- n[1-2] ---\nsame\n--- n3 (exit 1) ---\nsame\n")
    assert said.err == "n3: failed: ended with 4\n"


def test_output_of_many_as_a_document(running) -> None:
    rows = done("perfsonar.exec", "--json", "--", "cat", "/proc/1/comm").rows
    assert {host: row["output"] for host, row in rows.items()} == {
        "n1": "supervisord\n",
        "n2": "supervisord\n",
        "n3": "systemd\n",
    }


def test_troubleshoot_on_all_hosts_at_once(running) -> None:
    said = done("perfsonar.troubleshoot")
    for host in ("n1", "n2", "n3"):
        assert f"--- {host} ---\nPerforming basic troubleshooting of {host}.\n" in said.out
    assert said.out.count("pScheduler appears to be functioning normally.\n") == 3


def test_throughput_to_a_host_without_a_test_point(running) -> None:
    said = inv("perfsonar.throughput", "--host=n1", "--dest=n9")
    assert (said.code, said.err.splitlines()[-1]) == (
        1,
        "Failed to post task: Unable to determine API level at n9: no pScheduler there",
    )


def test_logs(running) -> None:
    said = done("perfsonar.logs", "--host=n1", "--tail=1000")
    assert "INFO spawned: 'pscheduler'" in said.out


def test_logs_are_followed_until_ctrl_c_and_leave_nothing_behind(running) -> None:
    following = start("perfsonar.logs", "--follow", "--tail=0", "--host=n[1-2]")
    try:
        under("n1", sh.text("say_hello"), NAME)
        assert following.stdout.readline() == "n1: hello\n"
        following.send_signal(signal.SIGINT)
        assert following.wait(10) == 130
    finally:
        following.kill()
        following.communicate()
    assert [under(host, f"sleep 0.5; {LEFT}") for host in ("n1", "n2")] == ["", ""]


def test_ctrl_c_at_a_terminal_ends_logs_of_one_host(running) -> None:
    with Terminal("perfsonar.logs", "--follow", "--host=n1") as following:
        following.waits_for("INFO spawned")
        following.type("\x03")
        assert following.ended() == 130
    assert under("n1", f"sleep 0.5; {LEFT}") == ""


def test_a_container_that_is_not_there_is_a_sentence(running) -> None:
    under("n2", 'docker rm -f "$1"', NAME)
    said = inv("perfsonar.exec", "--host=n2", "--", "true")
    assert (
        said.code,
        said.err.removeprefix("Error response from daemon: ").removeprefix("Error: "),
    ) == (1, f"No such container: {NAME}\n")
