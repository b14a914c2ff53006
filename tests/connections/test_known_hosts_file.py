"""A known_hosts file is read once, and means what it means to ssh."""

import base64
import hmac
import json
import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fairlead.connections import known_hosts, known_hosts_file

KEY = "ssh-ed25519 " + base64.b64encode(b"\0\0\0\x0bssh-ed25519\0\0\0 " + bytes(32)).decode()
HOSTS = ("n1", "n12", "n1.example", "[n1]:2222", "10.0.0.1", "[10.0.0.1]:2222", "fe80::1")


def hashed(host: str, salt: bytes = b"0123456789abcdefghij") -> str:
    digest = hmac.digest(salt, host.encode(), "sha1")
    return f"|1|{base64.b64encode(salt).decode()}|{base64.b64encode(digest).decode()}"


def patterns() -> st.SearchStrategy[str]:
    """A host's name, parts of it replaced by * or ?, perhaps excluded, perhaps in capitals."""

    def pattern(host: str, start: int, length: int, wild: str, mark: str, is_upper: bool) -> str:
        text = mark + host[:start] + wild + host[start + length :] if wild else mark + host
        return text.upper() if is_upper else text

    number = st.integers(0, 6)
    return st.builds(
        pattern,
        st.sampled_from(HOSTS),
        number,
        number,
        st.sampled_from(["", "", "*", "?", "**", "*?"]),
        st.sampled_from(["", "", "", "!"]),
        st.booleans(),
    )


NAMES = st.one_of(
    st.lists(patterns(), min_size=1, max_size=3).map(",".join),
    st.sampled_from(HOSTS).map(hashed),
    st.sampled_from(["|1|broken", "|2|AAAA|AAAA", hashed("n1", b"short"), "n1,,n12", ",n1"]),
)
LINES = st.one_of(
    st.builds(
        "{}{}{}{}{}".format,
        st.sampled_from(["", "", "", "  ", "\t"]),
        st.sampled_from(["", "", "", "@revoked ", "@cert-authority  ", "@other "]),
        NAMES,
        st.sampled_from([" ", "\t", "  "]),
        st.sampled_from([KEY, f"{KEY} a remark"]),
    ),
    st.sampled_from(["", "  ", "# n1", f"#n1 {KEY}", f" # n1 {KEY}", "n1"]),
)


def found_by_ssh(host: str, path: Path) -> list[int]:
    """The numbers of the lines that ssh-keygen finds."""
    command = ("ssh-keygen", "-F", host, "-f", str(path))
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return [
        int(number) for number in re.findall(r"^# Host .* found: line (\d+)", done.stdout, re.M)
    ]


@pytest.mark.skipif(not shutil.which("ssh-keygen"), reason="needs ssh-keygen")
@settings(
    max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(lines=st.lists(LINES, min_size=1, max_size=12), ends=st.sampled_from(["\n", "\n\n", ""]))
def test_the_lines_that_mean_a_host_are_those_that_ssh_finds(
    lines: list[str], ends: str, tmp_path: Path
) -> None:
    path = tmp_path / "known_hosts"
    path.write_text("\n".join(lines) + ends)
    for host in HOSTS:
        numbers = [int(e.where.rpartition(":")[2]) for e in known_hosts.known(host, [path])]
        with_key = [number for number in found_by_ssh(host, path) if KEY in lines[number - 1]]
        assert (host, numbers) == (host, with_key)


def test_a_file_is_read_once_for_many_hosts_and_only_what_means_one_is_decoded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "known_hosts"
    lines = [f"n{number},m{number} {KEY}\n" for number in range(3000)]
    path.write_text("".join([*lines, f"{hashed('n7')} {KEY}\n", f"@revoked *8 {KEY}\n"]))
    read, decoded = [], []
    parse, entry = known_hosts_file.KnownHostsFile, known_hosts._entry
    monkeypatch.setattr(
        known_hosts_file, "KnownHostsFile", lambda lines: read.append(1) or parse(lines)
    )
    monkeypatch.setattr(
        known_hosts, "_entry", lambda line, where: decoded.append(where) or entry(line, where)
    )
    with ThreadPoolExecutor(16) as threads:
        hosts = [f"n{number}" for number in range(9)] * 7
        answers = list(threads.map(lambda host: known_hosts.known(host, [path]), hosts))
    assert [len(answer) for answer in answers[:9]] == [1, 1, 1, 1, 1, 1, 1, 2, 2]
    assert (len(read), len(decoded)) == (1, 7 * 11)
    path.write_text(f"n1 {KEY}\n")
    assert (len(known_hosts.known("n1", [path])), len(read)) == (1, 2)


COST = """
import json, resource, sys, time
from pathlib import Path
from fairlead.connections import known_hosts
def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
before, began = peak(), time.process_time()
seconds = []
for number in range(64):
    assert known_hosts.known(f"n{number * 999}.example.org", [Path(sys.argv[1])])
    seconds.append(time.process_time() - began)
print(json.dumps([seconds[0], seconds[-1], peak() - before]))
"""


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["ssh-ed25519", "ssh-rsa"])
def test_a_large_file_costs_little_and_no_more_for_many_hosts(kind: str, tmp_path: Path) -> None:
    """65,000 lines: at most 0.3 s and 50 MB."""
    path, key = tmp_path / "known_hosts", "A" * (68 if kind == "ssh-ed25519" else 372)
    path.write_text("".join(f"n{i}.example.org,10.0.0.{i} {kind} {key}\n" for i in range(65_000)))
    command = (sys.executable, "-c", COST, str(path))
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    first, all_of_them, megabytes = json.loads(done.stdout)
    assert all_of_them < 2 * first, done.stdout
    assert megabytes < 50
