"""A worker on the newer Podmans, with an address of the facility's own over the host's bridge."""

from pathlib import Path

import pytest

from tests.e2e import podman_worker
from tests.e2e.inv import NETWORK
from tests.e2e.podman_worker import Place

PLACES = {
    "podman-5.4": Place("n2", "vn0317", f"{NETWORK}.144"),
    "podman-5.8": Place("n4", "vn0319", f"{NETWORK}.160"),
}


@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
def test_a_worker_goes_its_whole_way(facility: None, place: Place, tmp_path: Path) -> None:
    with podman_worker.tier1(tmp_path, place) as tier:
        podman_worker.whole_way(tier, place)
