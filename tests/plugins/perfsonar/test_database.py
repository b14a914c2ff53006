"""The database at a new major version of PostgreSQL: asked before anything stops, loaded before the
new container starts."""

from pathlib import Path
from typing import Any

import pytest

from fairlead.contract.loader import Plugins
from fairlead.model.plan import argvs
from fairlead.testing import BASE, faults
from tests.plugins.perfsonar.test_perfsonar import VOLUMES, ask, there


@pytest.fixture(scope="module")
def database(plugins: Plugins) -> Any:
    """The plugin's module of the database."""
    from fairlead_plugins.perfsonar import database

    return database


def steps(plugins: Plugins, verb: str, container: Any, **section: Any) -> dict[str, Any]:
    """The steps of a verb by their names, in their order."""
    facts = dict(BASE) | {"container": container, "state": VOLUMES}
    asked = ask(plugins, verb, section=section, facts=facts)
    answer = plugins.ask(asked)
    assert list(faults(answer)) == []
    parts = [step for part in answer for step in getattr(part, "steps", (part,))]
    return {step.name: step for step in parts}


@pytest.mark.parametrize("verb", ["up", "upgrade"])
def test_it_is_asked_before_anything_stops_and_loaded_before_the_new_one_starts(plugins, verb):
    found = steps(plugins, verb, there())
    order = list(found)
    assert order.index("PostgreSQL") < order.index("remember") < order.index("dump")
    assert order.index("merge the defaults") < order.index("database") < order.index("container")
    for name, beside in (("PostgreSQL", "remember"), ("database", "container")):
        assert found[name].unless == found[beside].unless
        assert found[name].after == found[beside].after


def test_where_nothing_is_replaced_there_is_no_question(plugins):
    assert "PostgreSQL" not in steps(plugins, "up", {})
    assert "PostgreSQL" not in steps(plugins, "down", there())


def test_the_site_says_what_becomes_of_the_data(plugins):
    def words(**section: Any) -> tuple[str, bool]:
        found = steps(plugins, "upgrade", there(), **section)
        mode = list(argvs(found["PostgreSQL"].do))[0][-2:]
        texts = [argv[2] for argv in argvs(found["database"].do) if argv[0] == "sh"]
        return " ".join(mode), any("cluster dump complete" in text for text in texts)

    assert words() == ("keep yes", True)
    assert words(database="fresh") == ("fresh yes", False)
    stopped = steps(plugins, "upgrade", there(state="exited"))
    assert list(argvs(stopped["PostgreSQL"].do))[0][-1] == "no"


ENGINE = Path(__file__).parent / "shell/engine_of_image.sh"


@pytest.fixture
def question(database, sh, program, tmp_path, monkeypatch) -> Any:
    """Exit code of the question, and the note that it leaves."""
    program("engine", ENGINE.read_text("utf-8"))
    main = tmp_path / "current/var/lib/postgresql/14/main"
    main.mkdir(parents=True)
    (main / "PG_VERSION").write_text("14\n")

    def run(variable: str, programs: str = "", *, mode: str = "keep", has_dump: str = "yes") -> Any:
        monkeypatch.setenv("VARIABLE", variable)
        monkeypatch.setenv("PROGRAMS", programs)
        words = ("engine", "ps", "image", str(tmp_path), mode, has_dump)
        code, _ = sh(database.sh.text("postgres_ask"), *words)
        note = tmp_path / "postgresql"
        return code, note.read_text() if note.exists() else ""

    return run


@pytest.mark.parametrize(
    ("variable", "programs", "note"),
    [
        ("PG_VERSION=14", "", ""),
        ("PG_VERSION=16", "", "14 16\n"),
        ("", "14\n17", "14 17\n"),
        ("", "", ""),  # not known: the health gate decides, as before
    ],
)
def test_the_image_is_asked_by_its_recipe_or_by_its_programs(question, variable, programs, note):
    assert question(variable, programs) == (0, note)


def test_data_that_is_to_be_kept_without_a_dump_stops_everything(question):
    assert question("PG_VERSION=16", has_dump="no") == (1, "")
    assert question("PG_VERSION=16", mode="fresh", has_dump="no") == (0, "14 16\n")


def test_a_dump_that_is_not_whole_is_not_loaded(database, sh, program, tmp_path):
    called = program("engine", 'cat >>"$0.said"')
    folder = tmp_path / "backups"
    folder.mkdir()
    (folder / "ps-20260101T000000Z").write_text("-- PostgreSQL database cluster dump complete\n")
    newest = folder / "ps-20260201T000000Z"
    for other in ("ps-2-20260301T000000Z", "ps-inside-20260301T000000Z"):
        (folder / other).write_text("-- PostgreSQL database cluster dump complete\n")
    words = ("engine", "image", "ps.seed", str(tmp_path), f"{folder}/ps", "", "true")

    def load() -> tuple[int, str]:
        return sh(database.sh.text("postgres_load"), *words)

    newest.write_text("half")
    assert (load()[0], Path(f"{called}.said").exists()) == (1, False)
    newest.write_text("all\n-- PostgreSQL database cluster dump complete\n\n")
    assert load()[0] == 0
    assert "all\n" in Path(f"{called}.said").read_text()


INSIDE = {
    "a role that is there always": ('psql: ERROR:  role "postgres" already exists', 0, 0),
    "a mistake": ("psql: ERROR:  relation does not exist", 0, 1),
    "psql itself fails": ("psql: error: connection to server failed", 2, 1),
    "a word of a later release": ("invalid command \\restrict", 0, 0),
}


@pytest.mark.parametrize(("said", "ends", "code"), INSIDE.values(), ids=INSIDE)
def test_what_psql_says_of_roles_is_no_mistake_and_the_rest_is(
    database, sh, program, tmp_path, monkeypatch, said, ends, code
):
    program("pg_ctl", "exit 0")
    program("psql", f"cat >/dev/null; echo '{said}' >&2; exit {ends}")
    program("su", 'for word; do :; done; sh -c "$word"')
    monkeypatch.setenv("PG_BINDIR", str(tmp_path / "bin"))
    monkeypatch.setenv("PG_VERSION", "16")
    text = database.sh.text("postgres_inside").replace("/tmp/", f"{tmp_path}/")
    text = text.replace("as_postgres() { su -s", f"as_postgres() {{ {tmp_path}/bin/su -s")
    assert sh(text, stdin="dump")[0] == code
