"""Steps as a person would type them."""

import pytest

from fairlead.model.plan import Registered, Step, either, not_, pipe, same, then
from fairlead.runner.explain import commands, explained, typed
from tests.driver import Driver, row


def test_explain_prints_what_a_person_would_type(driver: Driver) -> None:
    step = Step(
        name="make it",
        unless=not_(("test", "-e", "/a b")),
        do=("sh", "-c", "echo 'x'"),
        until=("true",),
        run_as="daos",
    )
    driver.system(server={"up": lambda ask: [step]}, hosts="n1")
    result = driver.perform("up", explain=True)
    assert row(result, "n1").explain == "\n".join(
        [
            "# make it  (as daos)",
            "#   unless: ! test -e '/a b'",
            """sh -c 'echo '"'"'x'"'"''""",
            "#   until: true",
        ]
    )
    assert not driver["n1"].state.exists()


TYPED = {
    ("echo", "a b", "$x"): "echo 'a b' '$x'",
    then(("a",), ("b",)): "a && b",
    pipe(("a",), ("b", "c")): "a | b c",
    either(("a",), ("b",)): "a || b",
    not_(("a",)): "! a",
    same(("a",), "x y"): "a prints 'x y'",
}


@pytest.mark.parametrize("command", TYPED)
def test_commands_are_shown_as_a_person_would_type_them(command) -> None:
    assert typed(command) == TYPED[command]


def test_a_step_is_explained_with_its_questions() -> None:
    step = Step(
        name="x",
        do=("cat",),
        stdin="s3cret",
        unless=("test", "-e", "/x"),
        until=("true",),
        run_as="daos",
    )
    assert explained(step) == [
        "# x  (as daos)",
        "#   unless: test -e /x",
        "cat  # what it reads on stdin is not shown",
        "#   until: true",
    ]


def test_the_commands_of_a_step_are_argv_lists() -> None:
    assert commands(
        Step(name="x", do=then(("a", "b c"), pipe(("d",), ("e", Registered("n1", "k")))))
    ) == (("a", "b c"), ("d",), ("e", "<k>"))
