"""A checkout on a host is driven as it is, in the naming of 2.4.0 and in that of 2.4.1.

Compose finds a value for all, images are built once.
"""

from base64 import b64encode
from collections.abc import Iterator

import pytest

from tests.e2e.daos import STATE, Cluster, bare
from tests.e2e.ground import sh, under
from tests.plugins.daos.checkout import TREES, archive

UNPACK = 'rm -rf "$1"; mkdir -p "$1" && printf %s "$2" | base64 -d | tar -xf - -C "$1"'
CONFIG = sh.text("daos_compose")
IMAGES = sh.text("daos_image_ids")
FILES = 'cd "$1" && find . -type f ! -name "daos_*.yml" -exec sha256sum {} + | sort'
HERE = {
    "server": {"hosts": "n1"},
    "admin": {"hosts": "n1"},
    "client": {"hosts": "n1", "mode": "separate-agent"},
}
BUILT = {
    "2.4.0": [
        "daos-admin:rocky8.6",
        "daos-agent:rocky8.6",
        "daos-base:rocky8.6",
        "daos-client:rocky8.6",
        "daos-server:rocky8.6",
    ],
    "2.4.1": [
        f"daos/daos-{name}-el8:v2.4.1" for name in ("admin", "agent", "base", "client_sa", "server")
    ],
}


def examples(naming: str) -> str:
    return f"/opt/daos-{naming}/utils/docker/examples"


@pytest.fixture(scope="module")
def clusters(
    daos_repository: dict[str, list[str]], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Cluster]]:
    bare()
    made = {}
    for naming in TREES:
        under("n1", UNPACK, examples(naming), b64encode(archive(naming)).decode())
        made[naming] = Cluster(tmp_path_factory.mktemp("daos"), daos_repository)
        made[naming].section = {
            key: value
            for key, value in made[naming].section.items()
            if key not in ("build_host", "registry")
        }
        made[naming].say(
            **HERE, source=f"/opt/daos-{naming}", version=f"{naming}-1.el8", insecure=True
        )
    yield made
    under("n1", "rm -rf /opt/daos-*")
    bare()


@pytest.fixture(params=TREES)
def naming(request: pytest.FixtureRequest) -> str:
    return request.param


def states(result, host: str = "n1") -> set[str]:
    return {step["state"] for row in result.json["hosts"] for step in row["steps"]}


def test_images_are_built_once_from_an_untouched_checkout(
    clusters: dict[str, Cluster], naming: str
) -> None:
    cluster, before = clusters[naming], under("n1", FILES, examples(naming))
    assert cluster.done("daos.build", "--json").json["changed"]
    images = under("n1", IMAGES)
    assert [
        line.split()[0] for line in images.splitlines() if line.split()[0] in BUILT[naming]
    ] == BUILT[naming]
    again = cluster.done("daos.build", "--json")
    assert (again.json["changed"], states(again), under("n1", IMAGES)) == (False, {"ok"}, images)
    assert under("n1", FILES, examples(naming)) == before


def test_compose_finds_a_value_for_everything_and_has_nothing_to_say(
    clusters: dict[str, Cluster], naming: str
) -> None:
    clusters[naming].done("daos.base.build")
    lines = under("n1", CONFIG, f"{STATE}/checkout", f"{STATE}/source.env").splitlines()
    assert [
        line for line in lines if "says:" in line or not line.strip().startswith("image: ")
    ] == []
    assert sorted({line.split()[-1] for line in lines} & set(BUILT[naming])) == BUILT[naming]


def test_a_variable_without_a_value_is_an_error_that_names_it_and_the_file(
    clusters: dict[str, Cluster], naming: str
) -> None:
    cluster, file = clusters[naming], f"{examples(naming)}/docker-compose.server.yml"
    under("n1", 'printf \'x-news: "${NEWS_TO_US}"\\n\' >>"$1"', file)
    try:
        result = cluster.inv("daos.server.build")
        assert (result.code, f"{file}: ${{NEWS_TO_US}} has no value" in result.out) == (3, True)
        checks = cluster.inv("daos.server.preflight", "--json").rows["n1"]["checks"]
        check = next(check for check in checks if check["name"] == "source")
        assert (check["ok"], f"{file} ${{NEWS_TO_US}} has no value" in check["found"]) == (
            False,
            True,
        )
        cluster.say(variables={"NEWS_TO_US": "good"})
        cluster.done("daos.server.build")
    finally:
        cluster.say(variables={})
        under("n1", 'sed -i /NEWS_TO_US/d "$1"', file)


def test_what_an_image_is_made_from_decides_what_is_built_again(
    clusters: dict[str, Cluster], naming: str
) -> None:
    cluster = clusters[naming]
    cluster.done("daos.build")
    under("n1", 'echo "RUN true" >>"$1/daos-server/el8/Dockerfile"', examples(naming))
    result = cluster.done("daos.build", "--json")
    changed = [
        step["name"]
        for row in result.json["hosts"]
        for step in row["steps"]
        if step["state"] == "changed"
    ]
    assert changed == ["files", f"image {BUILT[naming][-1]}", "what it is made from"]
