"""Flags of `docker run` that a container keeps from the one before it, beside those of its own."""

from collections.abc import Iterable, Iterator

LONG = {
    "-v": "--volume",
    "-e": "--env",
    "-p": "--publish",
    "-h": "--hostname",
    "-u": "--user",
    "-l": "--label",
    "-m": "--memory",
    "--net": "--network",
}
SWITCHES = frozenset({"--privileged", "--init", "--read-only", "--rm"})
# What may stand several times; every other flag counts once, and then a container's own
LISTS = frozenset(
    {
        *("--volume", "--tmpfs", "--env", "--env-file", "--publish", "--label", "--device"),
        *("--cap-add", "--cap-drop", "--security-opt", "--group-add", "--sysctl", "--ulimit"),
        *("--dns", "--dns-search", "--dns-option", "--add-host", "--log-opt"),
    }
)


def pairs(options: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Each flag with its value, by its long name; "" for a switch."""
    words = iter(options)
    for word in words:
        flag, equals, value = word.partition("=")
        flag = LONG.get(flag, flag)
        if flag.startswith("--"):
            takes_next = not equals and flag not in SWITCHES
            yield flag, next(words, "") if takes_next else value


def unclaimed(
    kept: Iterable[str],
    options: Iterable[str],
    mounts: Iterable[str],
) -> tuple[str, ...]:
    """Those of the flags kept (--FLAG=VALUE each) that the container's own options and mounts leave
    open.
    """
    own = {_claim(flag, value) for flag, value in pairs(options)}
    own |= {_claim("--volume", mount) for mount in mounts}
    return tuple(word for word in kept if not own & {_claim(*pair) for pair in pairs((word,))})


def _claim(
    flag: str,
    value: str,
) -> tuple[str, str]:
    """For what a flag speaks: two of one claim cannot both stand."""
    if flag not in LISTS:
        return flag, ""
    if flag == "--publish":
        return flag, _outside(value)
    if flag == "--volume":
        return "mount", _destination(value)
    if flag == "--tmpfs":
        return "mount", value.partition(":")[0]
    if flag == "--add-host":
        return flag, value.replace("=", ":").partition(":")[0]
    if flag in ("--env", "--label", "--sysctl", "--ulimit", "--log-opt"):
        return flag, value.partition("=")[0]
    if flag in ("--cap-add", "--cap-drop"):
        return flag, value.removeprefix("CAP_")
    return flag, value


def _destination(mount: str) -> str:
    """Where a volume lies inside: SOURCE:DESTINATION[:OPTIONS], or DESTINATION alone."""
    parts = mount.split(":")
    return (parts[1] if len(parts) > 1 else parts[0]).rstrip("/")


def _outside(value: str) -> str:
    """The port of the host, with its protocol: one of them is had once, at whichever address."""
    ports, _, protocol = value.partition("/")
    words = ports.split(":")
    outside = words[-2] if len(words) > 1 else ports
    return f"{outside}/{protocol or 'tcp'}"
