"""perfSONAR's secrets: what is put where, and the programs that put it, run on files as the image
has them."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from fairlead.contract.loader import Plugins
from fairlead.model.errors import FairleadError, SecretError
from fairlead.model.plan import Ask, Secret, argvs
from fairlead.testing import BASE, ask_for, faults, plan_of
from tests.plugins.perfsonar.conftest import AWKS
from tests.secrets.test_certificates import certificate, key

PLUGINS = Path(__file__).parents[3] / "plugins"
URL = "https://me:Bd8-secret@psconfig.example.org/mesh.json"
STATE = (
    "/etc/perfsonar",
    "/etc/pscheduler",
    "/etc/ssl",
    "/var/lib/perfsonar/psconfig",
    "/var/lib/perfsonar/lsregistrationdaemon",
    "/etc/owamp-server",
    "/etc/twamp-server",
    "/var/log",
    "/var/lib/postgresql",
    "/var/lib/pgsql",
    "current",
    "/etc/apache2",
)


@pytest.fixture(scope="module")
def made(plugins: Plugins) -> Any:
    """The plugin's module of secrets."""
    from fairlead_plugins.perfsonar import secrets

    return secrets


def ask(
    plugins: Plugins,
    verb: str,
    state: str = "running",
    stored: dict[str, Secret] | None = None,
    **section: Any,
) -> Ask[Any]:
    from tests.plugins.perfsonar.test_perfsonar import there

    facts = dict(BASE) | {"container": there(state=state) if state else {}, "state": STATE}
    return ask_for(
        plugins,
        "perfsonar.testpoint",
        verb,
        section={"hosts": "n1"} | section,
        facts=facts,
        secrets=stored,
    )


SECTION = {"tls": {"certificate": "ps.pem", "key": "ps.key"}, "psconfig_secret": ["mesh"]}


@pytest.fixture(scope="module")
def stored() -> dict[str, Secret]:
    mine, secret = key()
    return {"ps.pem": certificate(mine), "ps.key": secret, "mesh": Secret(URL)}


def test_the_verbs_that_put_them_name_them(plugins):
    named = {
        verb: [spec.name for spec in plugins.ask(ask(plugins, verb, **SECTION), "needs")]
        for verb in ("up", "secrets", "down", "upgrade")
    }
    assert named == {
        "up": ["mesh", "ps.pem", "ps.key"],
        "secrets": ["mesh", "ps.pem", "ps.key"],
        "down": [],
        "upgrade": [],
    }
    assert list(plugins.ask(ask(plugins, "up"), "needs")) == []


def test_secrets_are_the_last_steps_of_up(plugins, stored):
    steps = ["certificate and key", "apache uses them", "psconfig with passwords"]
    assert [
        step.name for step in plan_of(plugins, ask(plugins, "secrets", stored=stored, **SECTION))
    ] == steps
    assert [step.name for step in plan_of(plugins, ask(plugins, "up", stored=stored, **SECTION))][
        -3:
    ] == steps
    assert list(faults(plugins.ask(ask(plugins, "up", stored=stored, **SECTION)))) == []


def test_no_word_of_a_step_is_secret(plugins, stored):
    steps = plan_of(plugins, ask(plugins, "up", stored=stored, **SECTION))
    words = repr(
        [
            [*argvs(command)]
            for step in steps
            for command in (step.do, step.unless, step.undo)
            if command
        ]
    ) + repr(steps)
    lines = [
        line
        for value in stored.values()
        for line in value.reveal().decode().splitlines()
        if not line.startswith("-----")
    ]
    assert [part for part in [*lines, "Bd8-secret"] if part in words] == []


def test_with_a_certificate_apaches_configuration_is_a_volume(plugins, stored):
    def run(section: dict[str, Any]) -> Any:
        steps = plan_of(plugins, ask(plugins, "up", "", stored, **section))
        return next(step.do for step in steps if step.name == "container")

    mount = "/var/lib/perfsonar-testpoint/current/etc/apache2:/etc/apache2"
    assert [mount in run(SECTION), mount in run({})] == [True, False]


@pytest.mark.parametrize(
    ("state", "section", "says"),
    [
        (
            "",
            SECTION,
            (
                "n1: no container perfsonar-testpoint of ours runs here; inv perfsonar.up --host=n1 "
                "starts it and puts its secrets"
            ),
        ),
        (
            "exited",
            SECTION,
            (
                "n1: no container perfsonar-testpoint of ours runs here; inv perfsonar.up --host=n1 "
                "starts it and puts its secrets"
            ),
        ),
    ],
)
def test_there_has_to_be_one_that_runs(plugins, stored, state, section, says):
    with pytest.raises(FairleadError) as refused:
        plan_of(plugins, ask(plugins, "secrets", state, stored, **section))
    assert str(refused.value) == says


@pytest.mark.parametrize(
    "value",
    [
        "https://host/x",
        "me:pw@host",
        "https://me:pw@host/a b",
        "https://me:pw@host/\nx",
        "",
        "ftp://a@b/",
    ],
)
def test_a_remote_is_a_url_with_user_and_password(plugins, value):
    with pytest.raises(SecretError) as refused:
        plan_of(
            plugins,
            ask(plugins, "secrets", stored={"mesh": Secret(value)}, psconfig_secret=["mesh"]),
        )
    says = (
        "secrets/mesh: is no URL with user and password; "
        "wanted https://USER:PASSWORD@HOST/PATH; one without them belongs in psconfig"
    )
    assert str(refused.value) == says


def test_without_secrets_in_the_site_there_is_nothing_to_do(plugins):
    assert plan_of(plugins, ask(plugins, "secrets", "")) == ()


# The programs

AGENTS = [
    ({"remotes": []}, [URL]),
    ({}, [URL]),
    ({"remotes": [], "check-interval": "PT1H"}, [URL]),
    ({"check-interval": "PT1H"}, [URL]),
    ({"remotes": [{"url": "https://a/x"}]}, [URL, "https://a/x"]),
    ({"remotes": [{"url": URL}]}, [URL]),
    (
        {
            "remotes": [
                {"url": URL.replace("Bd8-secret", "old"), "configure-archives": True},
                {"url": "https://a/x"},
            ]
        },
        [URL, "https://a/x"],
    ),
    (
        {
            "remotes": [
                {
                    "url": URL.replace("me:Bd8-secret@", ""),
                    "transform": {"script": 'a["b"] | {c: "]"}'},
                }
            ]
        },
        [URL],
    ),
]


@pytest.mark.parametrize("awk", AWKS)
@pytest.mark.parametrize("indent", [None, 4])
@pytest.mark.parametrize(("before", "urls"), AGENTS)
def test_a_remote_is_merged_into_the_agents_configuration(
    made, tmp_path, before, urls, awk, indent
):
    def merged(text: str) -> str:
        (tmp_path / "agent.json").write_text(text)
        words = [*awk, made.merge(), "-", str(tmp_path / "agent.json")]
        return subprocess.run(
            words, input=f"{URL}\n", capture_output=True, text=True, check=True
        ).stdout

    text = merged(json.dumps(before, indent=indent) + "\n")
    after = json.loads(text)
    assert [remote["url"] for remote in after.pop("remotes")] == urls
    assert after == {name: value for name, value in before.items() if name != "remotes"}
    assert merged(text) == text
    kept = [
        {name: value for name, value in remote.items() if name != "url"}
        for remote in before.get("remotes", [])
    ]
    assert [remote for remote in kept if remote] == [
        rest
        for remote in json.loads(text)["remotes"]
        if (rest := {n: v for n, v in remote.items() if n != "url"})
    ]


def test_slashes_that_perl_escapes_are_read(made, tmp_path):
    (tmp_path / "a").write_text(
        '{"remotes": [{"url": "https:\\/\\/me:old@psconfig.example.org\\/mesh.json"}]}'
    )
    output = subprocess.run(
        ["awk", made.merge(), "-", str(tmp_path / "a")],
        input=f"{URL}\n",
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert json.loads(output) == {"remotes": [{"url": URL}]}


def test_the_agents_file_is_put_asked_after_and_put_back(made, sh, tmp_path):
    file = tmp_path / "agent.json"
    file.write_text('{"remotes": []}\n')
    file.chmod(0o644)
    words = (str(file), made.merge())
    watched = file.stat().st_ino  # the agent watches this very file, not what has its name
    assert sh(made.sh.text("remotes_are_in"), *words, stdin=f"{URL}\n")[0] == 1
    assert sh(made.sh.text("put_remotes"), *words, stdin=f"{URL}\n") == (0, "")
    assert (
        sh(made.sh.text("remotes_are_in"), *words, stdin=f"{URL}\n")[0],
        file.stat().st_mode & 0o777,
    ) == (0, 0o600)
    assert sh(made.sh.text("remotes_are_in"), *words, stdin=f"{URL}2\n")[0] == 1
    assert file.stat().st_ino == watched
    assert sh(made.sh.text("back_in_place"), str(file)) == (0, "")
    assert (file.read_text(), sorted(path.name for path in tmp_path.iterdir())) == (
        '{"remotes": []}\n',
        ["agent.json"],
    )
    assert file.stat().st_ino == watched
    assert sh(made.sh.text("back_in_place"), str(file)) == (0, "")
    assert sh(made.sh.text("remotes_are_in"), f"{tmp_path}/none", made.merge()) == (
        2,
        f"there is no {tmp_path}/none\n",
    )


def test_apache_is_told_of_the_pair_and_nothing_else_changes(made, sh, tmp_path):
    file = tmp_path / "default-ssl.conf"
    before = (
        PLUGINS / "lab/files/standins/perfsonar/rootfs/etc/apache2/sites-available/default-ssl.conf"
    ).read_text()
    file.write_text(before)
    words = (str(file), made.CERTIFICATE, made.KEY)
    assert sh(made.sh.text("apache_names"), *words)[0] == 1
    assert sh(made.sh.text("name_in_apache"), *words) == (0, "")
    assert sh(made.sh.text("apache_names"), *words) == (0, "")
    old = ("/etc/ssl/certs/ssl-cert-snakeoil.pem", "/etc/ssl/private/ssl-cert-snakeoil.key")
    assert file.read_text() == before.replace(old[0], made.CERTIFICATE).replace(old[1], made.KEY)
    assert sh(made.sh.text("back"), str(file)) == (0, "")
    assert file.read_text() == before
    assert sh(made.sh.text("apache_names"), f"{tmp_path}/none", *words[1:])[0] == 2
