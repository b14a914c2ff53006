"""A worker on Podman 4, in a network of Podman's own: the collector calls back. n3 has v2."""

from pathlib import Path

import pytest

from tests.e2e import podman_worker
from tests.e2e.podman_worker import Place

pytestmark = pytest.mark.long


def test_a_worker_goes_its_whole_way_on_podman(lab: None, tmp_path: Path) -> None:
    place = Place("n3", "vn0319")
    with podman_worker.tier1(tmp_path, place) as tier:
        podman_worker.whole_way(tier, place)
