"""The package depot, from where it is needed: a host, and a container that is built on it."""

from tests.e2e.ground import publish, sh, under


def test_a_host_and_a_container_that_is_built_on_it_fetch_from_the_depot(bare, depot) -> None:
    (depot.folder / "parcel").write_text("a parcel\n")
    publish("1.36.0", image="library/busybox", tag="1.36")
    before = len(depot.requests)
    assert under("n1", 'curl -sf -m 5 "$1/parcel"', depot.url) == "a parcel\n"
    assert under("n1", sh.text("build_from_depot"), depot.url) == "a parcel\n"
    assert depot.requests[before:] == ["/parcel", "/parcel"]
