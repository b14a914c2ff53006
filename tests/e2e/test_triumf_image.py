"""Images from nothing on a real host: built by debootstrap, pushed, pulled and run elsewhere, signed; what goes wrong is a sentence."""

import subprocess
from base64 import b64encode
from typing import Any

import pytest

from fairlead.testing import plugins_in
from tests.e2e import red_hat, tier1, workers
from tests.e2e.depot import Depot
from tests.e2e.ground import under
from tests.e2e.images import KEYRING, PUT, Builder, key
from tests.e2e.inv import NETWORK, REPOSITORY, ROOT, Said
from tests.e2e.tier1 import REFERENCE

HOSTS = ("n1", "n2")
IMAGE = f"{REFERENCE}/wn:latest"
RPM_KEYS = "/etc/RPM-GPG-KEY-mirror"
PACKAGES = "sha256sum </var/lib/dpkg/status"
RUN = """docker run -d --name wn --dns "$2" --cap-add SYS_ADMIN "$1" >/dev/null || exit
tries=50; until docker logs wn 2>&1 | grep condor || [ $((tries -= 1)) = 0 ]; do sleep 0.2; done
docker exec wn sh -c 'grep atlas001 /etc/passwd; grep atlas /etc/group; ls /usr/sbin/ip; ls /usr/share/man >/dev/null 2>&1 || echo no man pages
  [ -n "$(ls /var/lib/apt/lists)" ] || echo no lists; stat -c 0%a /root/init'; docker rm -f wn >/dev/null"""
# WALL: a program that writes everywhere, then one that leaves daemons behind and is ended in the middle.
WALLED = """mkdir -p /data/wall/tree
sh -c "$1" wall /data/wall bare sh -c 'for at in /data /etc /root /usr/bin /var/lib/docker /run /home /data/wall; do
  (: >$at/here) 2>/dev/null && echo $at/here written; done'
timeout 2 sh -c "$1" wall /data/wall bare sh -c 'sleep 7771 & setsid sleep 7772 & sleep 7773'
echo "ended $?, left $(pgrep -fxc 'sleep 777[123]')"; rm -rf /data/wall"""
# KEY REFERENCE: what skopeo says of the signature on the disk of the host that built.
SKOPEO_VERIFIES = """export GNUPGHOME=$(mktemp -d); printf %s "$1" | gpg --batch --quiet --import
key=$(gpg --list-keys --with-colons | awk -F: '$1 == "fpr" { print $10; exit }')
skopeo inspect --raw --authfile /root/.docker/config.json "docker://$2" >/tmp/manifest
hex=$(sha256sum </tmp/manifest | cut -d' ' -f1)
skopeo standalone-verify /tmp/manifest "$2" "$key" "/var/lib/atomic/sigstore/wn@sha256=$hex/signature-1"
gpgconf --kill all; rm -rf "$GNUPGHOME" """
# KEY REFERENCE REPOSITORY: skopeo's own signature in the registry, in place of what there was.
SKOPEO_SIGNS = """export GNUPGHOME=$(mktemp -d); printf %s "$1" | gpg --batch --quiet --import
key=$(gpg --list-keys --with-colons | awk -F: '$1 == "fpr" { print $10; exit }')
skopeo inspect --raw --authfile /root/.docker/config.json "docker://$2" >/tmp/manifest
skopeo standalone-sign /tmp/manifest "$2" "$key" -o "$GNUPGHOME/signature-1"
name=$3:sha256-$(sha256sum </tmp/manifest | cut -d' ' -f1).sig
tar -C "$GNUPGHOME" -cf - signature-1 | docker import - "$name" && docker push "$name"; docker rmi "$name"
gpgconf --kill all; rm -rf "$GNUPGHOME" """


@pytest.fixture(scope="module")
def builder(mirror: str, tmp_path_factory: pytest.TempPathFactory) -> Builder:
    """A registry that serves, engines that are let in, and a site with one image that nobody has built yet."""
    found = Builder(tmp_path_factory.mktemp("images"))
    found.secrets |= {"image.gpg": key()[0], "image.pub": key()[1]}
    found.images(wn=found.recipe(mirror))
    said = found.inv("triumf.engine.up", "triumf.registry.up", "triumf.trust.up")
    assert said.code == 0, said.err
    return found


def checked(public: str) -> str:
    """The code with which an engine that has only pulled the image looks at its signature, before a worker starts."""
    plugins_in(REPOSITORY / "plugins")
    from fairlead_plugins.triumf.image import signing

    words = (public, signing.CHECK, f"{REFERENCE}/wn")
    return under(
        "n2",
        'printf %s "$1" | sh -c "$2" signature "$3" latest >/dev/null; echo $?; ls -A /dev/shm; docker images -q "$3:*.sig"',
        *words,
    ).strip()


def written() -> set[str]:
    """What n1 has on its disks beside scratch, signatures, and what fairlead, the engine and logs keep: path, mode, owner; size and time of files."""
    disk = ROOT / "n1/disk"
    skipped = [
        word
        for at in ("upper/data", "upper/tmp", "upper/var/lib/atomic", "root/.docker")
        for word in ("-path", str(disk / at), "-prune", "-o")
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


def states(said: Said) -> dict[str, str]:
    return {step["name"].removeprefix("wn: "): step["state"] for step in said.rows["n1"]["steps"]}


def sizes(said: Said) -> dict[str, int]:
    """Stanza -> MB so far, as the operator is told."""
    told = (
        (step["name"].removeprefix("wn: "), step.get("said", ""))
        for step in said.rows["n1"]["steps"]
    )
    return {name: int(words.split()[0]) for name, words in told if words.endswith("MB so far")}


def test_what_is_built_can_write_nowhere_else_and_leaves_nothing_running(builder: Builder) -> None:
    plugins_in(REPOSITORY / "plugins")
    from fairlead_plugins.triumf.image import tree

    assert under("n1", WALLED, tree.WALL) == "/data/wall/here written\nended 124, left 0\n"


def test_from_nothing_to_a_container_on_another_engine_then_nothing_more_to_do(
    builder: Builder,
) -> None:
    packages, before = under("n1", PACKAGES), written()
    said = builder.inv("triumf.image.up", "--json", timeout=600)
    assert said.code == 0, said.rows["n1"]["error"]
    assert (under("n1", PACKAGES), written() ^ before) == (packages, set())
    assert list(found := sizes(said)) == ["base", "stanza network", "stanza dumb-init", "slim"]
    assert found["base"] < found["stanza network"] > found["slim"]
    assert (
        under("n1", "ls -A /data/docker/scratch /dev/shm") == "/data/docker/scratch:\n\n/dev/shm:\n"
    )
    again = builder.inv("triumf.up", "--json")
    assert (again.code, again.json["changed"]) == (0, False)
    workers.served(
        "--ptr-record=2.0.17.172.in-addr.arpa,vn0317.triumf.example"
    )  # the first address that an engine gives
    ran = [line.rstrip() for line in under("n2", RUN, IMAGE, f"{NETWORK}.1").splitlines()]
    workers.served()
    assert (
        ran[0]
        == "condor_master -f on vn0317.triumf.example, below /usr/bin/dumb-init /bin/bash /root/init"
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
    said = builder.inv("triumf.image.track", "--json")
    (image,) = said.rows["n1"]["fields"]["images"]
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


# Signatures


def test_a_signature_is_skopeos_and_one_of_skopeos_is_ours(builder: Builder, mirror: str) -> None:
    assert under("n1", SKOPEO_VERIFIES, key()[1], IMAGE).startswith(
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
        f"n1 triumf.image: failed: signature of {REFERENCE}/wn:skopeo: what is signed is not {REFERENCE}/wn:skopeo as it is: "
        "the signature is for another image or another name; inv triumf.image.sign; nothing was changed\n"
    )
    under("n1", SKOPEO_SIGNS, key()[0], f"{REFERENCE}/wn:skopeo", f"{REFERENCE}/wn")
    assert builder.inv("triumf.image.verify", site=site).code == 0
    assert (
        builder.inv("triumf.image.verify").code == 1
    )  # what it put there was one signature, in place of ours
    assert [builder.inv("triumf.image.sign", "--json").json["changed"] for _ in range(2)] == [
        True,
        False,
    ]
    assert [builder.inv("triumf.image.verify", site=one).code for one in (None, site)] == [
        0,
        0,
    ]  # one digest, two names
    assert under("n1", "ls -A /dev/shm; pgrep -x gpg-agent") == ""


def test_an_image_of_another_signer_or_of_none_is_refused(builder: Builder) -> None:
    right = builder.secrets["image.gpg"]
    builder.secrets["image.gpg"] = key("somebody@else.example")[0]
    said = builder.inv("triumf.image.verify")
    assert (
        said.code,
        "does not match: it is by none of the keys of secrets/image.gpg, has expired or is damaged"
        in said.out,
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
    """Stand-ins of packages for the real dnf of n1, which is a Debian whose rpm has to be told where trees keep their database."""
    found = red_hat.repository(depot)
    under(
        "n1",
        PUT,
        RPM_KEYS,
        b64encode((depot.folder / "worker" / red_hat.KEYS).read_bytes()).decode(),
    )
    under("n1", "echo '%_dbpath /var/lib/rpm' >/root/.rpmmacros")
    return found


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
    said = builder.inv("triumf.image.up", "--json", site=site)
    assert said.code == 0, said.rows["n1"]["error"]
    assert (under("n1", PACKAGES), written() ^ before) == (packages, set())
    assert list(sizes(said)) == [
        "el: stanza core",
        "el: stanza tools",
        "el: stanza tini",
        "el: slim",
    ]
    assert builder.inv("triumf.image.up", "--json", site=site).json["changed"] is False
    assert under(
        "n2",
        'docker run --rm --entrypoint /bin/sh "$1" -c "cat /etc/site-tools; find /usr/share -type f; head -n 1 /root/init"',
        f"{REFERENCE}/el",
    ) == ("made by a scriptlet\n#!/usr/bin/tini /bin/bash\n")


def test_a_stanza_that_fails_names_its_packages_and_a_changed_recipe_is_a_new_image(
    builder: Builder, red_hat_mirror: str
) -> None:
    images = under("n1", "docker images --no-trunc -q | sort")
    site = builder.images("el", el=el(red_hat_mirror, "no-such-thing", tag="more"))
    said = builder.inv("triumf.image.build", site=site)
    assert (said.code, "el: stanza tools: " in said.out, "no-such-thing" in said.out) == (
        1,
        True,
        True,
    )
    assert "; what was begun is undone; its packages are site-tools, no-such-thing" in said.out
    assert "MB so far" in next(
        line for line in said.err.splitlines() if "el: stanza core: changed" in line
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
    said = builder.inv("triumf.image.build", site=site)
    assert (said.code, "its packages are @core" in said.out, "GPG" in said.out) == (1, True, True)


# A push that does not arrive: an engine tries five times, and waits 5, 10, 15 and 20 s between

EMPTY = 'systemctl stop docker-registry; rm -rf "$1/docker"; systemctl start docker-registry'


def test_a_registry_that_stops_in_the_middle_of_a_push_is_told_and_a_second_run_finishes_the_work(
    builder: Builder,
) -> None:
    under("n1", EMPTY, tier1.ROOT)
    tier1.halting(1024)
    said = builder.inv("triumf.image.up", timeout=300)
    assert (said.code, said.out) == (
        1,
        f"n1 triumf.image: failed: wn: push: {REFERENCE} cannot be reached, or stopped in the middle: inv triumf.registry.up, then again; "
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


def test_a_full_disk_is_told_and_a_second_run_finishes_the_work(builder: Builder) -> None:
    tier1.full("2m")
    try:
        said = builder.inv("triumf.image.up", timeout=300)
        assert said.code == 1
        assert (
            f"wn: push: {REFERENCE} could not keep it: is its disk full? inv triumf.registry.status, make room, then again"
            in said.out
        )
    finally:
        tier1.roomy()
    under("n1", EMPTY, tier1.ROOT)
    finished = builder.inv("triumf.image.up", "--json", timeout=300)
    assert (finished.code, states(finished)["push"], states(finished)["base"]) == (
        0,
        "changed",
        "ok",
    )
    assert builder.inv("triumf.image.verify").code == 0
