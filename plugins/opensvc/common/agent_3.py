"""What a file of agent 2.1 loses under agent 3, or means otherwise there.

Compared were the keywords of 2.1 (17db875b9: opensvc/core/objects/svcdict.py, drivers/resource) and
of om3 (c979e4c01, 3.0.0-rc21); `source` is a path there. What does not stand here is the same.
"""

import re
from collections.abc import Iterator, Mapping

from fairlead.api import Noun

from .service_file import read

KEYWORDS = "core/object/core_keywords.go"
RESOURCES = "core/manifest/dbkeywords.go"
GROUPS = "core/driver/group.go"
LOG = "CHANGELOG.md"
OCI = "drivers/rescontainerocibase"


class Change(Noun, kw_only=True):
    """A word of a file that agent 3 does not read, or reads otherwise.

    `group`: of its section, such as DEFAULT or container; "*": of any that is the agent's.
    `words`: a regular expression of its keyword, "": the section itself; `values`: of its value;
    `unless_type`: of the types of a resource where it is the same. `is_absent`: meant is a section
    without it. `meaning`: what is so then. `is_lost`: it is gone, and not only other.
    """

    group: str
    words: str = ""
    values: str = ""
    unless_type: str = ""
    is_absent: bool = False
    is_lost: bool = True
    meaning: str
    remedy: str
    source: str


class Finding(Noun):
    """A word of a file, as [SECTION] KEYWORD, that agent 3 does not read, or reads otherwise."""

    word: str
    change: Change


def _gone(group: str, words: str, meaning: str, remedy: str, source: str) -> Change:
    return Change(group=group, words=words, meaning=meaning, remedy=remedy, source=source)


def _other(group: str, words: str, values: str, meaning: str, remedy: str, source: str) -> Change:
    return Change(
        group=group,
        words=words,
        values=values,
        is_lost=False,
        meaning=meaning,
        remedy=remedy,
        source=source,
    )


_OWN_ENGINE = "no service has an engine of its own: containers run in the node's"
_TAKE = "take it away"
_DISK = "write [disk#N] with type = {}"

CHANGES: tuple[Change, ...] = (
    _gone(
        "DEFAULT",
        "container_data_dir|docker_data_dir",
        f"{_OWN_ENGINE}, which has other images and volumes",
        "take docker_data_dir out of the site, start the node's engine at boot, and bring what its "
        "volumes hold there; or keep agent 2.1",
        "drivers/rescontainerdocker",
    ),
    _gone(
        "DEFAULT",
        "docker_daemon_private|docker_daemon_args|docker_exe|dockerd_exe",
        _OWN_ENGINE,
        "set up the node's own engine so, in /etc/docker/daemon.json",
        "drivers/rescontainerdocker",
    ),
    _gone(
        "DEFAULT",
        "autostart_node",
        "it starts nowhere by itself",
        "write orchestrate = start, and this node as the first of nodes",
        KEYWORDS,
    ),
    _gone(
        "DEFAULT",
        "constraints",
        "it may be placed on any of its nodes",
        "select the nodes by their labels: nodes = az=fr1",
        LOG,
    ),
    _gone(
        "DEFAULT",
        "(svc_)?flex_cpu_(low|high)_threshold",
        "the number of instances does not follow the load",
        _TAKE,
        LOG,
    ),
    _gone(
        "DEFAULT",
        "scale|scaler_slave|slaves",
        "it is not scaled, and nothing is done with its slaves",
        "write a flex service (topology = flex), or one service for each slave",
        KEYWORDS,
    ),
    _gone(
        "DEFAULT",
        "drpnode|drp_flex_primary",
        "no node is kept for a disaster by it",
        "write drpnodes",
        KEYWORDS,
    ),
    _gone(
        "DEFAULT",
        "lock_timeout|mode|show_disabled|push_schedule|aws|aws_profile",
        "it has no effect",
        _TAKE,
        KEYWORDS,
    ),
    _gone(
        "DEFAULT",
        "sync_interval|presnap_trigger|postsnap_trigger",
        "it has no effect",
        "write schedule in the section of each sync, and triggers as pre_run or a task",
        "drivers/ressync/main.go",
    ),
    _gone(
        "*",
        "(blocking_)?(pre|post)_(startstandby|sync_.*)",
        "the program is not run",
        "call it in pre_start, post_start, or a task of its own",
        RESOURCES,
    ),
    _gone(
        "*",
        "sync_(break|drp|nodes|restore|resync|update)_requires",
        "nothing is waited for",
        "write sync_requires",
        RESOURCES,
    ),
    _gone("*", "always_on", "it is up where the service is alone", "write standby = true", LOG),
    _other(
        "*",
        "(sync_)?max_delay",
        "[0-9]+",
        "a number without a unit is seconds, and was minutes",
        "write the unit: 10m",
        LOG,
    ),
    _other(
        "container",
        "run_args",
        r"(.*\s)?--net(=|work).*",
        "the network is known by `--net NAME`, in two words, alone: else `--net none` comes beside "
        "it, and the container does not start",
        "inv opensvc.up writes it so; by hand: --net NAME",
        "drivers/rescontainerdocker/executor_args.go",
    ),
    _other(
        "container",
        "run_args",
        r"(.*\s)?(-t|-i|-it|-ti|--tty|--interactive)(\s.*)?",
        "terminal and stdin are compared with the keywords, and a difference is a warning",
        "write tty = true, interactive = true",
        f"{OCI}/main.go",
    ),
    Change(
        group="container",
        words="stop_timeout",
        is_absent=True,
        is_lost=False,
        meaning="it is killed after 10 seconds of a stop, and was after 120",
        remedy="write stop_timeout = 2m where it needs longer to end",
        source=f"{OCI}/manifest.go",
    ),
    _other(
        "container",
        "environment",
        r"(.*\s)?[\"']?[^=\s]*[a-z][^=\s]*=.*",
        "names keep their small letters, and were made capitals",
        "write the names in capitals",
        f"{OCI}/main.go",
    ),
    _gone(
        "ip",
        "dns_update|provisioner",
        "no name is made in the collector's zone",
        "make the name in your DNS",
        LOG,
    ),
    Change(
        group="ip",
        words="dns_name_suffix",
        unless_type="netns|cni",
        meaning="it is known to the types netns and cni alone",
        remedy=_TAKE,
        source="drivers/resiphost/manifest.go",
    ),
    _other(
        "ip",
        "ipdev|dev",
        ".*@.*",
        "a macvtap device is not known",
        "write type = netns with its mode, or another device",
        LOG,
    ),
    Change(
        group="fs",
        words="size|vg|snap_size|create_options",
        unless_type="zfs",
        meaning="no logical volume is made for it",
        remedy="write a [disk#N] with type = lv",
        source=LOG,
    ),
    _other(
        "container",
        "type",
        "amazon|esx|hpvm|jail|ldom|lxd|openstack|ovm|srp|vcloud|vz|xen|zone",
        "there is no such driver",
        "move it to docker, podman, lxc, kvm or vbox; or keep agent 2.1",
        "drivers",
    ),
    _other(
        "disk",
        "type",
        "advfs|amazon|gandi|gce|hpvm|ldom|scsireserv|vdisk|vxdg|vxvol",
        "there is no such driver",
        "keep agent 2.1, or make the disk in another way (scsireserv is a keyword of its disk)",
        "drivers",
    ),
    _other(
        "ip",
        "type",
        "amazon|crossbow|gce|rule|zone",
        "there is no such driver",
        "keep agent 2.1, or set the address in another way",
        "drivers",
    ),
    _other(
        "sync",
        "type",
        "(?!rsync$|symsnapvx$|symsrdfs$|zfs$|zfssnap$).*",
        "there is no such driver",
        "copy by rsync, or keep agent 2.1",
        "drivers",
    ),
    _other(
        "app",
        "kill",
        ".*",
        "it has no effect: all processes with the service's variables are killed",
        "write a program that stops it: stop",
        LOG,
    ),
    _gone(
        "sync#i0",
        "",
        "there is no such resource: the daemons hand the file around",
        "take the section away",
        "core/object",
    ),
    *(
        _gone(group, "", f"the section [{group}#N] is not read", _DISK.format(kind), LOG)
        for group, kind in (
            *((name, name) for name in ("drbd", "loop", "lv", "md", "raw", "zpool", "zvol")),
            ("pool", "zpool"),
        )
    ),
    *(
        _gone(group, "", f"there is no driver for [{group}#N]", "keep agent 2.1 for it", GROUPS)
        for group in (
            *("vdisk", "vmdg", "vxdg", "vxvol"),
            *("certificate", "expose", "hashpolicy", "route", "vhost"),
        )
    ),
    _gone(
        "vg", "", "the section [vg#N] is not read, nor was it by 2.1", _DISK.format("vg"), GROUPS
    ),
)


def findings(content: str) -> Iterator[Finding]:
    """What agent 3 would not read of a file of agent 2.1, or read otherwise, in its order."""
    for section, words in read(content).items():
        for change in CHANGES:
            if change.group in _groups(section):
                yield from _found(section, words, change)


def _groups(section: str) -> tuple[str, ...]:
    """What a section may be called in the table."""
    group = section.partition("#")[0]
    own = (section, group) if section != group else (section,)
    return own if section in ("env", "data") else (*own, "*")


def _found(section: str, words: Mapping[str, str], change: Change) -> Iterator[Finding]:
    if change.unless_type and re.fullmatch(change.unless_type, words.get("type", "")):
        return
    if not change.words:
        yield Finding(f"[{section}]", change)
        return
    meant = [word for word in words if re.fullmatch(change.words, _plain(word))]
    if change.is_absent and not meant:
        yield Finding(f"[{section}] {change.words}", change)
    for word in meant if not change.is_absent else ():
        if not change.values or re.fullmatch(change.values, words[word]):
            yield Finding(f"[{section}] {word}", change)


def _plain(word: str) -> str:
    """A keyword without the node that it is for: `mnt@n1`."""
    return word.partition("@")[0]
