"""Images from nothing on a real host: built by debootstrap, pushed, pulled and run elsewhere,
signed; what goes wrong is a sentence."""

import subprocess
from base64 import b64encode
from typing import Any

import pytest

from fairlead.operations.image import tree
from fairlead.testing import plugins_in
from tests.e2e import red_hat, tier1, workers
from tests.e2e.depot import Depot
from tests.e2e.ground import sh, under
from tests.e2e.images import KEYRING, PUT, Builder, key
from tests.e2e.inv import NETWORK, REPOSITORY, ROOT, Said
from tests.e2e.tier1 import REFERENCE

HOSTS = ("n1", "n2")
IMAGE = f"{REFERENCE}/wn:latest"
RPM_KEYS = "/etc/RPM-GPG-KEY-mirror"
PACKAGES = "sha256sum </var/lib/dpkg/status"


@pytest.fixture(scope="module")
def builder(mirror: str, tmp_path_factory: pytest.TempPathFactory) -> Builder:
    """A registry that serves, engines that are let in, and a site with one image that nobody has
    built yet."""
    builder = Builder(tmp_path_factory.mktemp("images"))
    builder.secrets |= {"image.gpg": key()[0], "image.pub": key()[1]}
    builder.images(wn=builder.recipe(mirror))
    result = builder.inv("triumf.engine.up", "triumf.registry.up", "triumf.trust.up")
    assert result.code == 0, result.err
    return builder


def checked(public: str) -> str:
    """The code with which an engine that has only pulled the image looks at its signature, before a
    worker starts."""
    plugins_in(REPOSITORY / "plugins")
    from fairlead_plugins.triumf.image import signing

    words = (public, signing.sh.text("signature"), f"{REFERENCE}/wn")
    return under("n2", sh.text("image_checked"), *words).strip()


def written() -> set[str]:
    """What n1 has on its disks beside scratch, signatures, and what fairlead, the engine and logs
    keep: path, mode, owner; size and time of files."""
    disk = ROOT / "n1/disk"
    kept = ("upper/data", "upper/tmp", "upper/var/tmp/fairlead", "upper/var/lib/atomic")
    skipped = [
        word for at in (*kept, "root/.docker") for word in ("-path", str(disk / at), "-prune", "-o")
    ]
    words = (
        "find",
        disk / "upper",
        disk / "root",
        disk / "home",
        *skipped,
        "-type",
        "d",
        "-printf",
        "%p %m %u\n",
        "-o",
        "-printf",
    )
    return set(
        subprocess.run(
            (*words, "%p %y %m %u %s %T@\n"), capture_output=True, text=True, check=True
        ).stdout.splitlines()
    )


def states(result: Said) -> dict[str, str]:
    return {step["name"].removeprefix("wn: "): step["state"] for step in result.rows["n1"]["steps"]}


def sizes(result: Said) -> dict[str, int]:
    """Stanza -> MB so far, as the operator is told."""
    steps = (
        (step["name"].removeprefix("wn: "), step.get("said", ""))
        for step in result.rows["n1"]["steps"]
    )
    return {name: int(words.split()[0]) for name, words in steps if words.endswith("MB so far")}


def test_what_is_built_can_write_nowhere_else_and_leaves_nothing_running(builder: Builder) -> None:
    assert (
        under("n1", sh.text("image_walled"), tree.sh.text("wall"))
        == "/data/wall/here written\nended 124, left 0\n"
    )


def test_from_nothing_to_a_container_on_another_engine_then_nothing_more_to_do(
    builder: Builder,
) -> None:
    under("n1", "mkdir -p /var/lib/atomic")  # a folder that is written to counts as changed
    packages, before = under("n1", PACKAGES), written()
    result = builder.inv("triumf.image.up", "--json", timeout=600)
    assert result.code == 0, result.rows["n1"]["error"]
    assert (under("n1", PACKAGES), written() ^ before) == (packages, set())
    assert list(stanza_sizes := sizes(result)) == [
        "base",
        "stanza network",
        "stanza dumb-init",
        "slim",
    ]
    assert stanza_sizes["base"] < stanza_sizes["stanza network"] > stanza_sizes["slim"]
    assert (
        under("n1", "ls -A /data/docker/scratch /dev/shm") == "/data/docker/scratch:\n\n/dev/shm:\n"
    )
    second = builder.inv("triumf.up", "--json")
    assert (second.code, second.json["changed"]) == (0, False)
    workers.served(
        "--ptr-record=2.0.17.172.in-addr.arpa,vn0317.triumf.example"
    )  # the first address that an engine gives
    ran = [
        line.rstrip()
        for line in under("n2", sh.text("image_run"), IMAGE, f"{NETWORK}.1").splitlines()
    ]
    workers.served()
    assert (
        ran[0] == "condor_master -f on vn0317.triumf.example, "
        "below /usr/bin/dumb-init /bin/bash /root/init"
    )
    assert ran[1:] == [
        "atlas001:x:40001:4000::/home/atlas001:/bin/bash",
        "atlas:x:4000:",
        "/usr/sbin/ip",
        "no man pages",
        "no lists",
        "0755",
    ]


def test_who_built_it_when_and_from_what_is_tracked_in_the_registry(
    builder: Builder, mirror: str
) -> None:
    result = builder.inv("triumf.image.track", "--json")
    (image,) = result.rows["n1"]["fields"]["images"]
    assert (image["image"], image["packages"], image["signed"], image["revision"]) == (
        "wn:latest",
        "104",
        "yes",
        "none",
    )
    assert (image["by"].count("@"), image["made"][:2], image["digest"][:7]) == (1, "20", "sha256:")
    assert [part.split("=")[0] for part in image["sizes"].split()] == [
        "base",
        "network",
        "dumb-init",
        "slim",
    ]
    assert "wn:latest" in builder.inv("triumf.image.track").out
    assert [
        line.split()[:2] for line in builder.inv("triumf.registry.search").out.splitlines()[1:]
    ] == [["wn", "latest"]]  # and no signature
    status = builder.inv("triumf.image.status")
    assert (status.code, "wn=as its recipe says, signed, made 20" in status.out) == (0, True)
    site = builder.images(
        "changed",
        wn=builder.recipe(mirror, expunge=["/usr/share/man"]),
        other=builder.recipe(mirror),
    )
    changed = builder.inv("triumf.image.status", site=site)
    assert (
        changed.code,
        "wn=made by another recipe" in changed.out,
        "other=not in the registry: inv triumf.image.build" in changed.out,
    ) == (
        1,
        True,
        True,
    )


def test_what_somebody_commits_and_pushes_over_the_tag_is_not_what_was_built(
    builder: Builder,
) -> None:
    digest = builder.inv("triumf.image.track", "--json").rows["n1"]["fields"]["images"][0]["digest"]
    under("n2", sh.text("image_changed"), IMAGE)
    status = builder.inv("triumf.image.status")
    assert (status.code, "wn=changed after it was built" in status.out) == (1, True)
    (image,) = builder.inv("triumf.image.track", "--json").rows["n1"]["fields"]["images"]
    assert (image["built"], image["digest"] != digest) == ("changed after it was built", True)
    mended = builder.inv("triumf.image.build", "--json", timeout=600)
    assert (mended.code, mended.steps("n1")["wn: push"]) == (0, "changed")
    assert builder.inv("triumf.image.status").code == 0
    under("n2", 'docker pull -q "$1"', IMAGE)


# Signatures


def test_a_signature_is_skopeos_and_one_of_skopeos_is_ours(builder: Builder, mirror: str) -> None:
    assert under("n1", sh.text("skopeo_verifies"), key()[1], IMAGE).startswith(
        "Signature verified, digest sha256:"
    )
    assert builder.inv("triumf.image.verify").code == 0
    assert [checked(public) for public in (key()[1], key("somebody@else.example")[1], "")] == [
        "0",
        "23",
        "27",
    ]
    under("n1", 'docker tag "$1" "$2" && docker push "$2"', IMAGE, f"{REFERENCE}/wn:skopeo")
    site = builder.images("skopeo", wn=builder.recipe(mirror, tag="skopeo"))
    refused = builder.inv("triumf.image.verify", site=site)
    assert refused.out == (
        f"n1 triumf.image: failed: signature of {REFERENCE}/wn:skopeo: what is signed is not "
        f"{REFERENCE}/wn:skopeo as it is: "
        "the signature is for another image or another name; inv triumf.image.sign; nothing was "
        "changed\n"
    )
    under("n1", sh.text("skopeo_signs"), key()[0], f"{REFERENCE}/wn:skopeo", f"{REFERENCE}/wn")
    assert builder.inv("triumf.image.verify", site=site).code == 0
    assert (
        builder.inv("triumf.image.verify").code == 1
    )  # what it put there was one signature, in place of ours
    assert [builder.inv("triumf.image.sign", "--json").json["changed"] for _ in range(2)] == [
        True,
        False,
    ]
    assert [builder.inv("triumf.image.verify", site=path).code for path in (None, site)] == [
        0,
        0,
    ]  # one digest, two names
    assert under("n1", "ls -A /dev/shm; pgrep -x gpg-agent") == ""


def test_an_image_of_another_signer_or_of_none_is_refused(builder: Builder) -> None:
    right = builder.secrets["image.gpg"]
    builder.secrets["image.gpg"] = key("somebody@else.example")[0]
    result = builder.inv("triumf.image.verify")
    assert (
        result.code,
        "does not match: it is by none of the keys of secrets/image.gpg, has expired or is damaged"
        in result.out,
    ) == (1, True)
    builder.secrets["image.gpg"] = "garbage"
    assert "secrets/image.gpg is no key that gpg can read" in builder.inv("triumf.image.sign").out
    builder.secrets["image.gpg"] = key()[1]
    assert (
        builder.inv("triumf.image.sign").code == 0
    )  # it is signed already, which the public half tells
    builder.secrets["image.gpg"] = right
    under("n2", 'tar -cf - -C /etc hostname | docker import - "$1" && docker push "$1"', IMAGE)
    other = builder.inv("triumf.image.verify")
    assert (other.code, f"{IMAGE} is not signed: inv triumf.image.sign" in other.out) == (1, True)
    under("n1", 'docker tag "$1" "$2" && docker push "$2"', f"{REFERENCE}/wn:skopeo", IMAGE)
    assert builder.inv("triumf.image.verify").code == 0


# By dnf, and a recipe that changes


@pytest.fixture(scope="module")
def red_hat_mirror(depot: Depot, builder: Builder) -> str:
    """Stand-ins of packages for the real dnf of n1, which is a Debian whose rpm has to be told
    where trees keep their database."""
    mirror = red_hat.repository(depot)
    under(
        "n1",
        PUT,
        RPM_KEYS,
        b64encode((depot.folder / "worker" / red_hat.KEYS).read_bytes()).decode(),
    )
    under("n1", "echo '%_dbpath /var/lib/rpm' >/root/.rpmmacros")
    return mirror


def el(mirror: str, *more: str, **changes: Any) -> dict[str, Any]:
    """A recipe by dnf: a group, then these packages."""
    stanzas = [
        {"name": "core", "groups": ["core"]},
        {"name": "tools", "packages": ["site-tools", *more]},
    ]
    return {
        "method": "dnf",
        "release": "8",
        "mirror": mirror,
        "keyring": RPM_KEYS,
        "init": "tini",
        "stanzas": stanzas,
    } | changes


def test_by_dnf_a_group_has_what_is_mandatory_without_documents_and_scriptlets_run_in_the_tree(
    builder: Builder, red_hat_mirror: str
) -> None:
    packages, before = under("n1", PACKAGES), written()
    site = builder.images(
        "el", el=el(red_hat_mirror, expunge=[])
    )  # what has no documents has none to expunge
    result = builder.inv("triumf.image.up", "--json", site=site)
    assert result.code == 0, result.rows["n1"]["error"]
    assert (under("n1", PACKAGES), written() ^ before) == (packages, set())
    assert list(sizes(result)) == [
        "el: stanza core",
        "el: stanza tools",
        "el: stanza tini",
        "el: slim",
    ]
    assert builder.inv("triumf.image.up", "--json", site=site).json["changed"] is False
    assert under(
        "n2",
        sh.text("image_in_tree"),
        f"{REFERENCE}/el",
    ) == ("made by a scriptlet\n#!/usr/bin/tini /bin/bash\n")


@pytest.mark.long
def test_a_stanza_that_fails_names_its_packages_and_a_changed_recipe_is_a_new_image(
    builder: Builder, red_hat_mirror: str
) -> None:
    images = under("n1", "docker images --no-trunc -q | sort")
    site = builder.images("el", el=el(red_hat_mirror, "no-such-thing", tag="more"))
    result = builder.inv("triumf.image.build", site=site)
    assert (result.code, "el: stanza tools: " in result.out, "no-such-thing" in result.out) == (
        1,
        True,
        True,
    )
    assert "; what was begun is undone; its packages are site-tools, no-such-thing" in result.out
    assert "MB so far" in next(
        line for line in result.err.splitlines() if "el: stanza core: changed" in line
    )
    assert (
        under("n1", "ls -A /data/docker/scratch"),
        under("n1", "docker images --no-trunc -q | sort"),
    ) == ("", images)
    site = builder.images("el", el=el(red_hat_mirror, "games", tag="more"))
    assert [
        builder.inv("triumf.image.build", *more, "--json", site=site).json["changed"]
        for more in ((), (), ("--bust-cache",))
    ] == [
        True,
        False,
        True,
    ]
    assert builder.inv("triumf.image.diff", "--old=el", "--new=el:more", "--json").rows["n1"][
        "fields"
    ] == {
        "added": ["games 8-1.el8"],
        "removed": [],
        "changed": [],
    }
    assert (
        "n1:5000 has no el:nothing"
        in builder.inv("triumf.image.diff", "--old=el", "--new=el:nothing").out
    )


def test_what_nobody_has_signed_is_not_built_from(builder: Builder, red_hat_mirror: str) -> None:
    site = builder.images("el", el=el(red_hat_mirror, keyring=KEYRING, tag="unsigned"))
    result = builder.inv("triumf.image.build", site=site)
    assert (result.code, "its packages are @core" in result.out, "GPG" in result.out) == (
        1,
        True,
        True,
    )


# A push that does not arrive: an engine tries five times, and waits 5, 10, 15 and 20 s between


@pytest.mark.long
def test_a_registry_that_stops_in_the_middle_of_a_push_is_told_and_a_second_run_finishes_the_work(
    builder: Builder,
) -> None:
    under("n1", sh.text("tier1_empty"), tier1.ROOT)
    tier1.halting(1024)
    result = builder.inv("triumf.image.up", timeout=300)
    assert (result.code, result.out) == (
        1,
        f"n1 triumf.image: failed: wn: push: {REFERENCE} cannot be reached, or stopped in the "
        "middle: inv triumf.registry.up, then again; "
        "what had arrived whole is not sent twice; nothing else was changed\n",
    )
    finished = builder.inv("triumf.registry.up", "triumf.image.up", "--json", timeout=300)
    assert finished.code == 0, finished.out
    after = {
        step["name"]
        for row in finished.json["runs"][1]["hosts"]
        for step in row["steps"]
        if step["state"] == "changed"
    }
    assert after == {"wn: push", f"sign {IMAGE}"}


@pytest.mark.long
def test_a_full_disk_is_told_and_a_second_run_finishes_the_work(builder: Builder) -> None:
    tier1.full("2m")
    try:
        result = builder.inv("triumf.image.up", timeout=300)
        assert result.code == 1
        assert (
            f"wn: push: {REFERENCE} could not keep it: is its disk full? inv "
            "triumf.registry.status, make room, then again" in result.out
        )
    finally:
        tier1.roomy()
    under("n1", sh.text("tier1_empty"), tier1.ROOT)
    finished = builder.inv("triumf.image.up", "--json", timeout=300)
    assert (finished.code, states(finished)["push"], states(finished)["base"]) == (
        0,
        "changed",
        "ok",
    )
    assert builder.inv("triumf.image.verify").code == 0
