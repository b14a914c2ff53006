"""A node of a real HTCondor is drained around a change, and given back by its own run alone."""

from collections.abc import Iterator

import pytest

from fairlead.model.plan import Step
from tests.driver import Driver, row, states
from tests.plugins.batch import notes, swap, with_nodes
from tests.plugins.htcondor.pool import Pool, running
from tests.runner.toys import made_files

pytestmark = [pytest.mark.lab, pytest.mark.long]


@pytest.fixture(scope="module")
def pool(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pool]:
    with running(tmp_path_factory.mktemp("htcondor")) as pool:
        yield pool


@pytest.fixture
def nodes(driver: Driver, pool: Pool) -> Iterator[Driver]:
    yield with_nodes(driver, "htcondor", pool.tools, patience=600)
    pool.reset()


def test_a_job_is_waited_for_and_what_somebody_else_has_drained_stays(
    nodes: Driver, pool: Pool
) -> None:
    nodes.system(server={"upgrade": swap(nodes)})
    pool.drain("n2", "bad memory")
    job = pool.job("n1", 20)
    result = nodes.perform("upgrade", reason="OPS-1")
    assert states(result) == {"n1": "changed", "n2": "changed", "n3": "changed"}
    assert [(step.name, step.state) for step in row(result, "n1").steps] == [
        ("look", "ok"),
        ("drain n1", "changed"),
        ("jobs of n1", "ok"),
        ("swap", "changed"),
        ("undrain n1", "changed"),
        ("n1 stays drained", "ok"),
    ]
    assert "1 job, at the latest until 20" in "".join(notes(nodes, "n1"))
    assert pool.ended_well(job)
    assert pool.end_of(job) <= (nodes.folder / "made-n1").stat().st_mtime
    steps = {step.name: step for step in row(result, "n2").steps}
    assert (steps["drain n2"].state, steps["undrain n2"].state) == ("ok", "ok")
    assert steps["n2 stays drained"].said.strip() == "Drained: bad memory"
    assert [step.name for step in row(result, "n3").steps] == ["look", "swap"]
    assert (pool.reason("n1"), pool.reason("n2")) == ("", "bad memory")
    assert states(nodes.perform("upgrade")) == {"n1": "ok", "n2": "ok", "n3": "ok"}
    assert (pool.reason("n1"), pool.reason("n2")) == ("", "bad memory")


def test_where_it_fails_the_node_stays_drained_until_it_is_given_back(
    nodes: Driver, pool: Pool
) -> None:
    nodes.system(server={"restart": lambda ask: [Step(name="fails", do=("false",))]})
    result = nodes.perform("restart", hosts=("n1",), reason="OPS-2")
    assert (result.code, row(result, "n1").error) == (
        1,
        "n1: fails: ended with 1 and said nothing; drain n1 stays done",
    )
    assert pool.reason("n1").startswith(f"fairlead {result.run} inv toy.restart by ")
    assert pool.reason("n1").endswith(" OPS-2")
    status = nodes.perform("status", system="htcondor")
    assert (status.code, row(status, "n2").code) == (1, 0)
    assert row(status, "n1").fields == {
        "state": "Drained",
        "reason": pool.reason("n1"),
        "jobs": 0,
        "version": "23.9.6",
    }
    assert states(nodes.perform("undrain", system="htcondor")) == {"n1": "changed", "n2": "ok"}
    assert (pool.reason("n1"), row(nodes.perform("status", system="htcondor"), "n1").code) == (
        "",
        0,
    )


def test_what_is_taken_down_stays_drained(nodes: Driver, pool: Pool) -> None:
    nodes.system(server={"down": swap(nodes)})
    result = nodes.perform("down", hosts=("n1",), yes=True)
    assert row(result, "n1").steps[-1].said.startswith("Drained: fairlead ")


def test_jobs_that_htcondor_would_end_too_soon_are_not_begun_to_be_waited_for(
    nodes: Driver, pool: Pool
) -> None:
    nodes.system(server={"restart": swap(nodes)})
    nodes.sections["htcondor"]["patience"] = 86400
    job = pool.job("n2", 12)
    result = nodes.perform("restart", hosts=("n2",))
    assert (result.code, made_files(nodes.folder), pool.reason("n2")) == (1, [], "")
    assert "n2: HTCondor would end a job after 3" in row(result, "n2").error
    assert "let its MAXJOBRETIREMENTTIME be longer" in row(result, "n2").error
    assert pool.ended_well(job)


def test_jobs_that_do_not_end_in_time_are_left_alone(nodes: Driver, pool: Pool) -> None:
    nodes.system(server={"restart": swap(nodes)})
    nodes.sections["htcondor"]["patience"] = 6
    job = pool.job("n2", 20)
    result = nodes.perform("restart", hosts=("n2",))
    assert (result.code, made_files(nodes.folder)) == (1, [])
    assert "n2 takes no new jobs until inv htcondor.undrain" in row(result, "n2").error
    assert pool.ended_well(job)


def test_a_drain_of_condor_defrag_which_ends_by_itself_becomes_ours(
    nodes: Driver, pool: Pool
) -> None:
    nodes.system(server={"restart": swap(nodes)})
    job = pool.job("n1", 20)
    pool.drain("n1", "Defrag", "-resume-on-completion")
    result = nodes.perform("restart", hosts=("n1",))
    assert {step.name: step.state for step in row(result, "n1").steps}["drain n1"] == "changed"
    assert (pool.ended_well(job), result.code, pool.reason("n1")) == (True, 0, "")


def test_a_drain_that_somebody_takes_back_meanwhile_ends_the_wait(
    nodes: Driver, pool: Pool
) -> None:
    nodes.system(server={"restart": swap(nodes)})
    pool.job("n1", 10)
    pool.drain("n1", "benchmarks", "-resume-on-completion")
    result = nodes.perform("restart", hosts=("n1",))
    assert (result.code, made_files(nodes.folder)) == (1, [])
    assert "n1 takes jobs again: somebody has given it back" in row(result, "n1").error
