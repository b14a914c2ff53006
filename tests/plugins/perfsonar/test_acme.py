"""A certificate by ACME: its steps, its program with a stand-in of an engine.

And with a real certbot and a real ACME server (Pebble): issued, left alone, for one more name, and
refused.
"""

import subprocess
import time
from base64 import b64decode
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from fairlead.contract.loader import Plugins
from fairlead.model.errors import FairleadError, SecretError
from fairlead.model.plan import Secret, argvs
from fairlead.testing import BASE, HOST, faults
from tests.plugins.perfsonar.test_perfsonar import ask, names, there

HERE = Path(__file__).parent
SITE = {"acme": {"email": "net@example.org"}, "names": {"n1": ["ps1.example.org"]}}
NOTHING: dict[str, Any] = {"container": {}, "state": ()}
STEPS = ["acme", "certificate", "apache uses them", "acme's unit", "acme's timer", "acme runs"]
DAY = 86400
KEY = "a2V5LW9mLXRoZS1hY2NvdW50LWluLXRoZS10ZXN0cy1vbmx5"
BOUND = SITE | {"acme": SITE["acme"] | {"account": {"key_id": "kid-1", "key": "acme.key"}}}
KEYS = {"acme.key": Secret(KEY)}


@pytest.fixture(scope="module")
def acme(plugins: Plugins) -> Any:
    """The plugin's module of ACME."""
    from fairlead_plugins.perfsonar import acme

    return acme


# Steps


def up(
    plugins: Plugins,
    section: dict[str, Any] = SITE,
    secrets: Mapping[str, Secret] = {},
    **facts: Any,
) -> list[Any]:
    known = dict(BASE) | NOTHING | facts
    asked = ask(plugins, "up", section=section, secrets=secrets, facts=known)
    assert list(faults(plugins.ask(asked))) == []
    return list(plugins.ask(asked))


def test_it_comes_last_in_a_transaction_of_its_own(plugins) -> None:
    phases = up(plugins)
    assert [phase.name for phase in phases] == ["host", "up", "certificate"]
    assert [step.name for step in phases[-1].steps] == STEPS
    assert "OnCalendar=*-*-* 00,12:00:00\n" in phases[-1].steps[4].stdin
    assert not set(STEPS) & set(names(plugins, "up", NOTHING))


def test_apache_s_files_and_its_pages_are_volumes_of_the_container(plugins) -> None:
    def volumes(section: dict[str, Any]) -> set[str]:
        (container,) = (s for s in up(plugins, section)[1].steps if s.name == "container")
        words = [word for argv in argvs(container.do) for word in argv]
        return {name for name in ("/etc/apache2", "/var/www/html") if any(name in w for w in words)}

    assert volumes(SITE) == {"/etc/apache2", "/var/www/html"}
    alone = {"acme": SITE["acme"] | {"webroot": False}, "names": SITE["names"]}
    assert volumes(alone) == {"/etc/apache2"}


def test_the_names_are_the_site_s_or_the_host_s_full_name(plugins) -> None:
    def words(section: dict[str, Any], full: str) -> str:
        name = {"resolves": True, "address": "192.0.2.1", "full": full}
        return up(plugins, section, name=name)[-1].steps[0].stdin.splitlines()[0]

    assert words(SITE, "n1.example.org").endswith("net@example.org '' '' yes ps1.example.org")
    unnamed = {"acme": SITE["acme"]}
    assert words(unnamed, "n1.example.org").endswith(" yes n1.example.org")
    with pytest.raises(FairleadError, match="no full name to have a certificate for"):
        words(unnamed, "n1")


def test_one_that_should_have_been_renewed_is_asked_for_whatever_stands(plugins) -> None:
    def asks_first(days: float) -> bool:
        phases = up(plugins, certificate=HOST.time + days * DAY)
        return phases[-1].steps[1].unless is not None

    assert (asks_first(60), asks_first(19)) == (True, False)


def test_its_timer_goes_with_the_container_or_with_its_key(plugins) -> None:
    timed = {"acme timer": True}
    assert names(plugins, "up", NOTHING | timed)[-1] == "no acme"
    assert names(plugins, "down", {"container": there()} | timed, **SITE)[-1] == "no acme"
    assert "no acme" not in names(plugins, "up", NOTHING | timed, **SITE)


@pytest.mark.parametrize(
    ("days", "timer", "words", "healthy"),
    [
        (60.5, True, "60 days", True),
        (19, True, "19 days; not renewed: inv perfsonar.up", False),
        (60.5, False, "60 days; not renewed: inv perfsonar.up", False),
        (-1, True, "-1 days; not renewed: inv perfsonar.up", False),
        (None, True, "not known", False),
    ],
)
def test_status_says_until_when_it_is_good(plugins, days, timer, words, healthy) -> None:
    ends = None if days is None else HOST.time + days * DAY
    facts = {"container": there(), "healthy": True, "certificate": ends, "acme timer": timer}
    answer = plugins.ask(ask(plugins, "status", section=SITE, facts=dict(BASE) | facts))
    day = "" if days is None else f"until {datetime.fromtimestamp(ends, UTC).date()}, "
    assert (dict(answer.fields)["certificate"], answer.healthy) == (f"{day}{words}", healthy)


def test_it_is_not_beside_another_certificate_and_wants_a_name(plugins, acme) -> None:
    both = SITE | {"tls": {"certificate": "a", "key": "b"}}
    clashes = list(ask(plugins, "up", section=both).section.clashes(None))
    assert [(clash.key, clash.other) for clash in clashes] == [(("acme",), ("tls",))]
    checks = plugins.ask(ask(plugins, "preflight", section={"acme": SITE["acme"]}))
    assert [(c.ok, c.blocks) for c in checks if c.name == "certificate"] == [(False, True)]
    assert acme._ends(0, "no certificate") is None


def test_of_a_host_whose_clock_is_not_known_it_is_not_known_whether_it_is_good(plugins) -> None:
    facts = {"container": there(), "certificate": 1.0, "host": replace(HOST, time=0)}
    answer = plugins.ask(ask(plugins, "status", section=SITE, facts=dict(BASE) | facts))
    assert dict(answer.fields)["certificate"] == "not known"


def test_the_key_of_an_account_is_a_secret_from_the_store_to_the_file(plugins) -> None:
    phases = up(plugins, BOUND, secrets=KEYS)
    (step,) = (step for step in phases[1].steps if step.name == "acme's account")
    assert isinstance(step.stdin, Secret)
    assert b64decode(step.stdin.reveal()) == f"eab-kid = kid-1\neab-hmac-key = {KEY}\n".encode()
    assert (step.sensitive, KEY in repr(phases)) == (True, False)
    assert "/var/lib/perfsonar-testpoint/acme/etc/cli.ini" in step.do
    with pytest.raises(SecretError, match="is no HMAC key"):
        up(plugins, BOUND, secrets={"acme.key": Secret("a\nserver = b")})
    (spec,) = needs(plugins)
    assert (spec.name, spec.path, spec.mode) == (
        "acme.key",
        "/var/lib/perfsonar-testpoint/acme/etc/cli.ini",
        0o600,
    )


def needs(plugins: Plugins) -> list[Any]:
    from fairlead_plugins.perfsonar import secrets

    return list(secrets.needs(ask(plugins, "up", section=BOUND)))


# Its program, with a stand-in of an engine


@pytest.fixture
def run(acme, sh, program, tmp_path: Path) -> Callable[..., tuple[int, list[str], list[str]]]:
    """One run: its exit code, certbot's words, and how often Apache read its files anew."""
    program("engine", f'exec sh {HERE / "shell/engine_of_certbot.sh"} {tmp_path} "$@"')

    def once(
        *own: str, taken: bool = True, webroot: str = "yes"
    ) -> tuple[int, list[str], list[str]]:
        program("ss", "echo LISTEN" if taken else "exit 0")
        for name in ("words", "reloads"):
            (tmp_path / name).unlink(missing_ok=True)
        words = ("engine", "ps", str(tmp_path / "root"), "certbot/certbot", "net@example.org")
        code, _ = sh(acme.sh.text("acme"), *words, "https://ca/dir", "", webroot, *own)
        texts = [tmp_path / name for name in ("words", "reloads")]
        said = [path.read_text().splitlines() if path.exists() else [] for path in texts]
        return code, said[0], said[1]

    return once


def stands(acme: Any, sh: Any, root: Path, *own: str) -> int:
    return sh(acme.sh.text("acme_stands"), "ps", str(root), "https://ca/dir", *own)[0]


def test_a_new_one_is_put_where_apache_reads_it_and_one_that_stays_disturbs_nobody(
    acme, run, sh, tmp_path
) -> None:
    root = tmp_path / "root"
    assert stands(acme, sh, root, "a.example.org") == 1
    code, words, reloads = run("a.example.org", "b.example.org")
    assert (code, reloads) == (0, ["exec ps apache2ctl graceful"])
    line = " ".join(words)
    assert "certonly -n --agree-tos -m net@example.org --keep-until-expiring" in line
    assert line.endswith(
        "--cert-name ps --webroot -w /var/www/html -d a.example.org -d b.example.org "
        "--server https://ca/dir"
    )
    key = root / "current/etc/ssl/private/pscheduler.key"
    assert (key.read_text(), oct(key.stat().st_mode)[-3:]) == ("key 1\n", "600")
    assert stands(acme, sh, root, "a.example.org", "b.example.org") == 0
    assert stands(acme, sh, root, "a.example.org") == 1
    assert run("a.example.org", "b.example.org")[::2] == (0, [])
    (tmp_path / "number").write_text("2\n")  # it was renewed
    assert run("a.example.org", "b.example.org")[::2] == (0, ["exec ps apache2ctl graceful"])
    assert key.read_text() == "key 2\n"


def test_certbot_answers_itself_where_nobody_holds_the_port_or_the_site_says_so(run) -> None:
    assert "--standalone" in " ".join(run("a.example.org", taken=False)[1])
    assert "--standalone" in " ".join(run("a.example.org", webroot="no")[1])
    words = " ".join(run("a.example.org")[1])
    assert "--standalone" not in words
    assert "current/var/www/html:/var/www/html:z" in words


def test_what_certbot_could_not_do_changes_nothing_and_fails(acme, run, sh, tmp_path) -> None:
    assert run("a.example.org")[0] == 0
    (tmp_path / "refuses").touch()
    (tmp_path / "number").write_text("2\n")
    assert run("a.example.org")[::2] == (1, [])
    key = tmp_path / "root/current/etc/ssl/private/pscheduler.key"
    assert key.read_text() == "key 1\n"
    assert stands(acme, sh, tmp_path / "root", "a.example.org") == 0


def test_what_apache_has_not_read_it_is_told_the_next_time(acme, run, sh, tmp_path) -> None:
    (tmp_path / "stopped").touch()
    assert run("a.example.org")[0] == 1
    assert stands(acme, sh, tmp_path / "root", "a.example.org") == 1
    (tmp_path / "stopped").unlink()
    assert run("a.example.org")[::2] == (0, ["exec ps apache2ctl graceful"])
    assert stands(acme, sh, tmp_path / "root", "a.example.org") == 0


# With a real certbot, and a real server


@pytest.mark.lab
def test_a_real_server_signs_it_through_apache_s_pages_and_by_certbot_itself(
    plugins, acme, tmp_path
) -> None:
    """In namespaces of their own, so that port 80 and the hosts file are. The engine alone is a
    stand-in: it runs certbot on what it would have mounted."""
    (tmp_path / "acme.sh").write_text(acme.sh.text("acme"))
    (step,) = (step for step in up(plugins, BOUND, secrets=KEYS)[1].steps if "account" in step.name)
    (tmp_path / "account").write_bytes(b64decode(step.stdin.reveal()))
    done = subprocess.run(
        [
            "unshare",
            "-nm",
            "sh",
            str(HERE / "shell/acme_host.sh"),
            str(tmp_path),
            str(HERE / "shell"),
            KEY,
        ],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    answers = dict(line.split(": ", 1) for line in done.stdout.splitlines() if ": " in line)
    assert answers == {
        "without an account": "1",
        "alone": "0",
        "by": "certbot itself",
        "names": "DNS:ps1.example.org",
        "again": "0, the same",
        "more": "0",
        "through": "apache's pages",
        "more names": "DNS:ps1-lat.example.org DNS:ps1.example.org",
        "unknown": "1",
        "afterwards": "the same",
        "reloads": "2",
    }, done.stdout + done.stderr
    text = (tmp_path / "root/current/etc/ssl/certs/pscheduler.pem").read_text()
    ends = acme._ends(0, text)
    assert ends is not None
    assert ends > time.time() + 30 * DAY
