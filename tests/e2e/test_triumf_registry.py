"""The site's own registry on a real host, and everything that can be wrong with it: each a
sentence, and a second run finishes the work."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e import tier1
from tests.e2e.ground import sh, under
from tests.e2e.terminal import Terminal
from tests.e2e.tier1 import PASSWORD, REFERENCE, Tier1, authority, issue

HOSTS = ("n1", "n2")
IMAGE = f"{REFERENCE}/sl6-test"
PULL = 'docker pull -q "$1" 2>&1'
SIGNATURES = "find /data/docker/registry -path '*/tags/sha256-*.sig/current/link' | wc -l"
REGISTRY = "n1 triumf.registry"
CONTAINER = "triumf-registry"
HUB = "library/registry:3"  # in the lab's hub


@pytest.fixture(scope="module", autouse=True)
def put_back(lab: None) -> Iterator[None]:
    """Other tests find the hosts as the lab made them."""
    tier1.as_made(*HOSTS)
    yield
    tier1.as_made(*HOSTS)


@pytest.fixture
def tier(lab: None, tmp_path: Path) -> Tier1:
    """n1 and n2 as the lab made them; n1 is to be the registry."""
    tier1.as_made(*HOSTS)
    tier = Tier1(tmp_path)
    tier.site()
    return tier


@pytest.fixture
def serving(lab: None, tmp_path: Path) -> Tier1:
    """A registry that serves, whatever it holds, and both engines are let in. Quick where the test
    before left it so."""
    serving = Tier1(tmp_path)
    serving.site()
    result = serving.inv("triumf.registry.up", "triumf.trust.up")
    assert result.code == 0, result.err
    return serving


def test_from_nothing_to_a_pull_on_another_engine_then_nothing_more_to_do(tier: Tier1) -> None:
    result = tier.inv("triumf.up")
    assert result.code == 0, result.err
    assert under(
        "n1",
        "stat -c '%a %U' /etc/docker/registry/registry_passwd; cut -c1-14 "
        "/etc/docker/registry/registry_passwd",
    ) == ("400 docker-registry\nt1user:$2b$10$\n")
    assert (
        under("n1", sh.text("tier1_headers"))
        == 'HTTP/2 401 \nwww-authenticate: Basic realm="basic-realm"\n'
    )
    assert under("n1", sh.text("tier1_push"), IMAGE) == f"{IMAGE}:latest\n"
    assert under("n2", PULL, IMAGE) == f"{IMAGE}:latest\n"
    before = under("n1", "pgrep -x docker-registr; cat /etc/docker/registry/registry_passwd")
    second = tier.inv("triumf.up", "--json")
    assert (second.code, second.json["changed"]) == (0, False)
    assert (
        under("n1", "pgrep -x docker-registr; cat /etc/docker/registry/registry_passwd") == before
    )


def test_what_it_holds_is_found_taken_out_and_swept(serving: Tier1) -> None:
    for name in (IMAGE, f"{REFERENCE}/tier1/other:v2"):
        under("n1", sh.text("tier1_push"), name)
    rows = [line.split()[:2] for line in serving.inv("triumf.registry.search").out.splitlines()]
    assert rows == [["REPOSITORY", "TAG"], ["sl6-test", "latest"], ["tier1/other", "v2"]]
    assert [
        line.split()[0]
        for line in serving.inv("triumf.registry.search", "--match=sl6").out.splitlines()[1:]
    ] == ["sl6-test"]
    fields = serving.inv("triumf.registry.status", "--json").rows["n1"]["fields"]
    assert (fields["service"], fields["tls"], fields["repositories"]) == ("up", "89 days left", 2)
    assert "PUT /v2/tier1/other/manifests/v2" in serving.inv("triumf.registry.logs").out
    under("n1", sh.text("tier1_sign"), IMAGE)
    assert under("n1", SIGNATURES) == "1\n"
    refused = serving.inv("triumf.registry.delete", "--image=sl6-test", "--yes")
    assert (
        refused.code,
        "there is no terminal to ask: Destroy sl6-test in the registry" in refused.err,
    ) == (2, True)
    with Terminal(
        "triumf.registry.delete",
        "--image=sl6-test",
        FAIRLEAD_SITE=str(serving.folder / "tier1.yml"),
        **serving.environment,
    ) as screen:
        screen.waits_for("Type tier1 to go on: ")
        screen.type("tier1\n")
        assert screen.ended() == 0
    assert [
        line.split()[0] for line in serving.inv("triumf.registry.search").out.splitlines()[1:]
    ] == ["tier1/other"]
    assert under("n1", SIGNATURES) == "0\n"
    unasked = serving.inv("triumf.registry.gc", "--untagged", "--yes")
    assert (unasked.code, "Destroy every image without a tag in the registry" in unasked.err) == (
        2,
        True,
    )
    with Terminal(
        "triumf.registry.gc",
        "--untagged",
        FAIRLEAD_SITE=str(serving.folder / "tier1.yml"),
        **serving.environment,
    ) as screen:
        screen.waits_for("Type tier1 to go on: ")
        screen.type("tier1\n")
        assert screen.ended() == 0
    assert serving.inv("triumf.registry.gc", "--json").json["changed"] is False
    assert under("n2", PULL, f"{REFERENCE}/tier1/other:v2") == f"{REFERENCE}/tier1/other:v2\n"


def test_users_come_and_go_and_a_password_is_changed(serving: Tier1) -> None:
    login = sh.text("tier1_login")
    serving.secrets["registry.atlas"] = "first"
    assert serving.inv("triumf.users.add", "--user=atlas", "--secret=registry.atlas").code == 0
    assert under("n2", login, "atlas", "first") == "Login Succeeded\n"
    serving.secrets["registry.atlas"] = "second"
    states = [
        serving.inv("triumf.users.add", "--user=atlas", "--secret=registry.atlas", "--json").json[
            "changed"
        ]
        for _ in range(2)
    ]
    assert states == [True, False]
    assert [
        under("n2", login, "atlas", word).count("Succeeded") for word in ("first", "second")
    ] == [0, 1]
    assert serving.inv("triumf.users.list").out == "t1user\natlas\n"
    assert serving.inv("triumf.users.remove", "--user=atlas").code == 0
    assert "Succeeded" not in under("n2", login, "atlas", "second")
    stays = serving.inv("triumf.users.remove", "--user=t1user")
    assert (
        stays.code,
        "t1user is one of registry.users in the site, and would come back; take it out there first"
        in stays.out,
    ) == (2, True)


def state(host: str = "n1") -> list[str]:
    """Whether the package's service runs, and the container."""
    program = "systemctl is-active docker-registry; docker ps --format '{{.Names}}'"
    return under(host, program).split()


@pytest.mark.long
def test_it_becomes_a_container_and_a_package_again_and_keeps_all_that_it_holds(
    serving: Tier1,
) -> None:
    publish = sh.text("registry_image")
    assert under("n1", publish, HUB, "one") == f"docker.io/{HUB}\n"
    under("n1", sh.text("tier1_push"), IMAGE)
    serving.secrets["registry.atlas"] = "word"
    assert serving.inv("triumf.users.add", "--user=atlas", "--secret=registry.atlas").code == 0
    login = sh.text("tier1_login")

    serving.site(registry={"launch": "container"})
    moved = serving.inv("triumf.up", "--json", timeout=300)
    assert (moved.code, state()) == (0, ["inactive", CONTAINER]), moved.err + moved.out
    assert under("n2", PULL, IMAGE) == f"{IMAGE}:latest\n"
    assert under("n2", login, "atlas", "word") == "Login Succeeded\n"
    assert serving.inv("triumf.registry.up", "--json").json["changed"] is False
    fields = serving.inv("triumf.registry.status", "--json").rows["n1"]["fields"]
    assert (fields["service"], fields["image"]) == ("up", f"docker.io/{HUB}")
    assert "/v2/sl6-test/manifests/latest" in serving.inv("triumf.registry.logs").out
    half = f"{tier1.ROOT}/docker/registry/v2/repositories/sl6-test/_uploads/half"
    under("n1", 'mkdir -p "$1"', half)
    assert [serving.inv("triumf.registry.gc", "--json").json["changed"] for _ in "12"] == [
        True,
        False,
    ]
    assert (state(), under("n1", 'ls -d "$1" 2>&1', half)[:3]) == (["inactive", CONTAINER], "ls:")

    assert under("n1", publish, HUB, "two") == f"docker.io/{HUB}\n"
    upgrades = [serving.inv("triumf.registry.upgrade", "--json", timeout=300) for _ in "12"]
    assert [(said.code, said.json["changed"]) for said in upgrades] == [(0, True), (0, False)]
    before = under("n1", "docker ps -q")
    under("n1", publish, HUB, "broken")
    broken = serving.inv("triumf.registry.upgrade", timeout=300)
    assert (broken.code, under("n1", "docker ps -q")) == (8, before), broken.out
    assert under("n2", PULL, IMAGE) == f"{IMAGE}:latest\n"

    serving.site(registry={"launch": "package"})
    back = serving.inv("triumf.up", "--json", timeout=300)
    assert (back.code, state()) == (0, ["active"]), back.err + back.out
    assert under("n2", PULL, IMAGE) == f"{IMAGE}:latest\n"
    assert under("n2", login, "atlas", "word") == "Login Succeeded\n"
    assert serving.inv("triumf.up", "--json").json["changed"] is False


def test_podman_serves_it_just_so(serving: Tier1) -> None:
    under("n1", sh.text("registry_image"), HUB, "three")
    under("n1", sh.text("tier1_push"), IMAGE)
    serving.site(registry={"launch": "container", "engine": "podman"})
    result = serving.inv("triumf.registry.up", timeout=300)
    assert result.code == 0, result.err + result.out
    assert under("n2", PULL, IMAGE) == f"{IMAGE}:latest\n"
    assert serving.inv("triumf.registry.up", "--json").json["changed"] is False
    assert serving.inv("triumf.registry.down").code == 0
    assert under("n1", "podman ps -aq") == ""
    assert serving.inv("triumf.registry.status").code == 1


# What can be wrong


def test_a_wrong_password_is_told_and_the_right_one_finishes_the_work(serving: Tier1) -> None:
    serving.secrets["registry.t1user"] = "wrong"
    result = serving.inv("triumf.trust.up", "--host=n2")
    assert (result.code, result.out) == (
        1,
        "n2 triumf.trust: rolled-back: registry login: n1:5000 refuses the password of t1user: is "
        "it that of secrets/registry.t1user? "
        "inv triumf.registry.up puts it there; what was begun is undone; its status now: well\n",
    )
    assert (
        under("n1", sh.text("tier1_push"), IMAGE) == f"{IMAGE}:latest\n"
    )  # whoever was let in still is
    serving.secrets["registry.t1user"] = "new"
    assert [serving.inv(verb).code for verb in ("triumf.registry.up", "triumf.trust.up")] == [0, 0]
    assert PASSWORD not in under("n1", "cat /etc/docker/registry/registry_passwd")


def test_an_authority_that_engines_do_not_know_is_told(serving: Tier1) -> None:
    right, other = serving.secrets["registry.ca"], issue(name="somebody else").certificate
    serving.secrets["registry.ca"] = other
    result = serving.inv("triumf.trust.up", "--host=n2")
    assert (result.code, result.out) == (
        1,
        "n2 triumf.trust: rolled-back: registry lets it in: the certificate of n1:5000 is signed "
        "by an authority that this host does not know: "
        "give its own in registry.tls.ca or ca_secret; what was begun is undone; its status now: well\n    undone: "
        "registry's authority\n",
    )
    refused = serving.inv("triumf.registry.up")
    assert (refused.code, refused.out) == (7, "")
    assert refused.err.endswith(
        "secrets/registry.pem: is not signed by the authority that the site names; "
        "have one issued that fits, then inv secrets.set\n"
    )
    serving.secrets["registry.ca"] = right
    assert serving.inv("triumf.trust.up").code == 0


def test_a_certificate_that_has_expired_is_told_before_it_is_put_and_where_it_is_met(
    tier: Tier1,
) -> None:
    late = issue(authority(), begins=-3, ends=-1)
    tier.secrets |= {"registry.pem": late.certificate, "registry.key": late.key}
    result = tier.inv("triumf.registry.up")
    assert (result.code, result.out) == (7, "")
    assert "secrets/registry.pem: has expired on " in result.err
    assert under("n1", "ls /etc/grid-security 2>&1").startswith("ls: cannot access")


def test_a_grid_host_certificate_that_the_host_has_already_is_used_and_checked(tier: Tier1) -> None:
    tls = {
        "certificate": "/etc/grid-security/hostcert.pem",
        "key": "/etc/grid-security/hostkey.pem",
        "ca": "/etc/grid-security/certificates/Grid.pem",
    }
    site = tier.site(registry={"tls": tls})
    missing = tier.inv("triumf.registry.preflight", site=site)
    assert (missing.code, "certificate: blocks: found is not there" in missing.out) == (4, True)
    put = sh.text("tier1_put")
    expired = issue(authority(), begins=-3, ends=-1)
    for host in HOSTS:
        under(host, put, tls["ca"], authority().certificate, "644", "root")
    under("n1", put, tls["certificate"], expired.certificate, "644", "root")
    under("n1", put, tls["key"], expired.key, "400", "root")
    refused = tier.inv("triumf.registry.up", site=site)
    assert (
        refused.code,
        "certificate: blocks: found has expired on" in refused.out,
        "key: blocks: found it may not" in refused.out,
    ) == (
        4,
        True,
        True,
    )
    forced = tier.inv("triumf.registry.up", "--skip-preflight", site=site)
    assert forced.code == 1
    under("n1", put, tls["key"], tier.server.key, "400", "docker-registry")
    under("n1", put, tls["certificate"], tier.server.certificate, "644", "root")
    assert tier.inv("triumf.up", site=site).code == 0
    assert under("n1", sh.text("tier1_push"), IMAGE) == f"{IMAGE}:latest\n"
    assert under("n2", PULL, IMAGE) == f"{IMAGE}:latest\n"


def test_a_registry_whose_certificate_expired_meanwhile_is_told_by_engines_and_status(
    serving: Tier1,
) -> None:
    late = issue(authority(), begins=-3, ends=-1)
    under("n1", sh.text("tier1_certificate"), late.certificate, late.key)
    under("n1", "rm -rf /root/.docker")
    result = serving.inv("triumf.trust.up", "--host=n1")
    assert (result.code, result.out) == (
        1,
        "n1 triumf.trust: rolled-back: registry login: the certificate of n1:5000 has expired (or "
        "a clock is wrong): have it renewed, "
        "then inv triumf.registry.up; what was begun is undone; its status now: not well\n",
    )
    assert "tls=has expired on" in serving.inv("triumf.registry.status").out
    assert serving.inv("triumf.up").code == 0


def test_a_full_disk_is_told_until_there_is_room(serving: Tier1) -> None:
    tier1.full("2m")
    try:
        result = serving.inv("triumf.registry.status")
        assert (
            result.code,
            "room=full (2.1 MB free): pushes fail; inv triumf.registry.gc, or a larger file system"
            in result.out,
        ) == (1, True)
        assert (
            "room: warns: found 2 MiB, wanted 1 GiB free"
            in serving.inv("triumf.registry.preflight").out
        )
    finally:
        tier1.roomy()
    assert serving.inv("triumf.registry.status").code == 0


def test_it_comes_back_by_itself_after_a_power_cut(serving: Tier1) -> None:
    under("n1", sh.text("tier1_push"), IMAGE)
    for state in ("off", "on"):
        assert serving.inv("lab.power", "--host=n1", f"--state={state}").code == 0
    assert "service=up" in serving.inv("triumf.registry.status").out
    assert under("n2", PULL, IMAGE) == f"{IMAGE}:latest\n"


def test_a_registry_that_is_down_is_told(serving: Tier1) -> None:
    under("n1", "systemctl stop docker-registry")
    under("n2", "rm -rf /root/.docker")
    result = serving.inv("triumf.trust.up", "--host=n2")
    assert result.code == 1
    assert (
        "n1:5000 cannot be reached: inv triumf.registry.status, and is the way there open?"
        in result.out
    )
    assert serving.inv("triumf.registry.status").code == 1
    assert serving.inv("triumf.up").code == 0
    assert (
        under("n2", "docker --config /root/.docker login n1:5000 </dev/null 2>&1 | tail -n 1")
        == "Login Succeeded\n"
    )
