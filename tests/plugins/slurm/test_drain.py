"""A node of a real Slurm is drained around a change, and given back by who has drained it alone."""

import re
from collections.abc import Iterator

import pytest

from fairlead.model.plan import Step
from tests.driver import Driver, row, states
from tests.plugins.batch import notes, swap, with_nodes
from tests.plugins.slurm.cluster import Cluster, running
from tests.runner.toys import made_files

pytestmark = pytest.mark.lab


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with running(tmp_path_factory.mktemp("slurm")) as cluster:
        yield cluster


@pytest.fixture
def nodes(driver: Driver, cluster: Cluster) -> Iterator[Driver]:
    yield with_nodes(driver, "slurm", cluster.tools)
    cluster.reset()


def is_drained(text: str, rest: str = "") -> bool:
    """Is it an idle node's state, drained, and what stands behind it? Slurm says beside it whether
    the node answers just now."""
    return re.match(rf"IDLE\+DRAIN(\+NOT_RESPONDING)?{re.escape(rest) or '$'}", text) is not None


def test_a_job_is_waited_for_and_what_somebody_else_has_drained_stays(
    nodes: Driver, cluster: Cluster
) -> None:
    nodes.system(server={"upgrade": swap(nodes)})
    cluster.run("scontrol", "update", "NodeName=n2", "State=DRAIN", "Reason=bad memory")
    cluster.job("n1", 15)
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
    steps = {step.name: step for step in row(result, "n2").steps}
    assert (steps["drain n2"].state, steps["undrain n2"].state) == ("ok", "ok")
    assert is_drained(steps["n2 stays drained"].said, ": bad memory [")
    assert [step.name for step in row(result, "n3").steps] == ["look", "swap"]
    assert cluster.takes_jobs("n1")
    assert cluster.node("n2")["Reason"].startswith("bad memory [")
    assert states(nodes.perform("upgrade")) == {"n1": "ok", "n2": "ok", "n3": "ok"}
    assert cluster.takes_jobs("n1")


def test_where_it_fails_the_node_stays_drained_until_it_is_given_back(
    nodes: Driver, cluster: Cluster
) -> None:
    nodes.system(server={"restart": lambda ask: [Step(name="fails", do=("false",))]})
    result = nodes.perform("restart", hosts=("n1",), reason="OPS-2")
    assert (result.code, made_files(nodes.folder)) == (1, [])
    assert row(result, "n1").error == (
        "n1: fails: ended with 1 and said nothing; drain n1 stays done"
    )
    assert is_drained(cluster.node("n1")["State"])
    assert f"fairlead {result.run} inv toy.restart by " in cluster.node("n1")["Reason"]
    assert " OPS-2 [" in cluster.node("n1")["Reason"]
    status = nodes.perform("status", system="slurm")
    assert is_drained(row(status, "n1").fields["state"])
    assert row(status, "n1").fields["jobs"] == 0
    assert (status.code, row(status, "n2").code) == (1, 0)
    assert states(nodes.perform("undrain", system="slurm")) == {"n1": "changed", "n2": "ok"}
    assert cluster.takes_jobs("n1")


def test_what_is_taken_down_stays_drained(nodes: Driver, cluster: Cluster) -> None:
    nodes.system(server={"down": swap(nodes)})
    result = nodes.perform("down", hosts=("n1",), yes=True)
    assert is_drained(row(result, "n1").steps[-1].said, ": fairlead ")


def test_jobs_that_do_not_end_in_time_are_left_alone(nodes: Driver, cluster: Cluster) -> None:
    nodes.system(server={"restart": swap(nodes)})
    nodes.sections["slurm"]["patience"] = 3
    cluster.job("n2", 90)
    result = nodes.perform("restart", hosts=("n2",))
    assert (result.code, made_files(nodes.folder)) == (1, [])
    assert "n2 takes no new jobs until inv slurm.undrain" in row(result, "n2").error
    assert cluster.run("squeue", "-h", "-w", "n2", "-o", "%T").strip() == "RUNNING"
