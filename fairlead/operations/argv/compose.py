"""A container launched by Docker Compose: our own file, rendered from the same Container, or a
checkout's own files with ours laid over them.
"""

import json
from typing import Any

from fairlead.model.errors import PluginError
from fairlead.model.plan import Argv, Command, Step, same
from fairlead.operations.argv.docker import SPEC, Container, kept, mounts, pattern, spec
from fairlead.operations.argv.flags import pairs
from fairlead.operations.files import put

OLDEST = "2.16.0"

_LISTS = {
    "--tmpfs": "tmpfs",
    "-v": "volumes",
    "--volume": "volumes",
    "--cap-add": "cap_add",
    "--add-host": "extra_hosts",
    "--dns": "dns",
    "--dns-search": "dns_search",
    "-e": "environment",
    "--env": "environment",
    "-p": "ports",
    "--publish": "ports",
    "--device": "devices",
    "--label": "labels",
    "--security-opt": "security_opt",
    "--cap-drop": "cap_drop",
    "--dns-option": "dns_opt",
    "--group-add": "group_add",
    "--sysctl": "sysctls",
    "--env-file": "env_file",
}
_WORDS = {
    "--net": "network_mode",
    "--network": "network_mode",
    "--hostname": "hostname",
    "--cgroupns": "cgroup",
    "--pid": "pid",
    "--ipc": "ipc",
    "--user": "user",
    "--workdir": "working_dir",
    "--shm-size": "shm_size",
    "--stop-signal": "stop_signal",
    "--memory": "mem_limit",
    "--memory-reservation": "mem_reservation",
    "--memory-swap": "memswap_limit",
    "--cpus": "cpus",
    "--cpu-shares": "cpu_shares",
    "--cpuset-cpus": "cpuset",
    "--pids-limit": "pids_limit",
    "--oom-score-adj": "oom_score_adj",
    "--uts": "uts",
    "--userns": "userns_mode",
    "--runtime": "runtime",
    "--domainname": "domainname",
}
_NUMBERS = frozenset({"--cpu-shares", "--pids-limit", "--oom-score-adj"})
_SWITCHES = {
    "--privileged": "privileged",
    "--init": "init",
    "-t": "tty",
    "-i": "stdin_open",
    "--read-only": "read_only",
}


def compose(c: Container, *words: str) -> Argv:
    """`docker compose -f FILE... -p PROJECT WORDS`."""
    return (*_begin(c, c.compose), *words)


def _begin(c: Container, files: tuple[str, ...]) -> Argv:
    variables = ("--env-file", c.env_file) if c.env_file else ()
    options = [word for file in files for word in ("-f", file)]
    return (c.engine, "compose", *variables, *options, "-p", c.project or project(c.name))


def up(c: Container, *words: str) -> Argv:
    """Start it; `words` are further flags of `up`.

    In a project of several components, what this one depends on is left as it stands: Compose would
    make it anew, by another name.
    """
    alone = ("--no-deps",) if c.project else ()
    return compose(c, "up", "-d", "--no-build", *words, *alone, c.service)


def build(c: Container, *words: str, name: str = "build") -> Step:
    """Builds the image of a checkout's own compose file.

    Ours over it comes by stdin, for it may not lie on the host yet.
    """
    do = (*_begin(c, (*c.compose[:-1], "-")), "build", *words, c.service)
    return Step(
        name=name,
        do=do,
        stdin=_text(whole(c)),
        timeout=3600,
        interruptible=True,
        progress=True,
    )


def is_unchanged(c: Container) -> Command:
    """Is the container that runs the one that the files describe today?

    Compose's own hash of them answers.
    """
    label = '{{.Label "com.docker.compose.service"}} {{.Label "com.docker.compose.config-hash"}}'
    return same(
        (c.engine, "container", "ls", "-a", "--filter", pattern(c.name), "--format", label),
        compose(c, "config", "--hash", c.service),
    )


def project(name: str) -> str:
    """A container's name as the name of a Compose project: lower case, nothing but letters, digits,
    - and _.
    """
    letters = (letter if letter.isalnum() or letter in "-_" else "-" for letter in name.lower())
    return "".join(letters).lstrip("-_")


def file(c: Container) -> Step:
    """Puts our own compose file where `compose` looks for it: the last of its files."""
    return put(c.compose[-1], _text(whole(c)), name="compose file")


def _text(content: dict[str, Any]) -> str:
    return json.dumps(_escaped(content), indent=2) + "\n"


def whole(c: Container) -> dict[str, Any]:
    """The whole container.

    Laid over a checkout's own files it is merged with what they say; of two that are the same
    Compose keeps one.
    """
    own = _service(c, (*c.options, *kept(c)))
    own_labels = dict(word.split("=", 1) for word in own.get("labels", ()))
    ours = {
        **({"command": list(c.command)} if c.command else {}),
        "volumes": [*own.get("volumes", ()), *mounts(c)],
        "container_name": c.name,
        "restart": c.restart,
        "stop_grace_period": f"{c.stop_timeout}s",
        "labels": {**own_labels, **dict(c.labels), SPEC: spec(c)},
    }
    volumes = _kept_volumes(c)
    services = {"services": {c.service: {"image": c.image, **own, **ours}}}
    return services | ({"volumes": volumes} if volumes else {})


def _kept_volumes(c: Container) -> dict[str, dict[str, bool]]:
    """The engine's volumes that it keeps of the one before it: they are there, and no project's."""
    mounts = (value for flag, value in pairs(kept(c)) if flag == "--volume")
    sources = (mount.partition(":")[0] for mount in mounts)
    return {source: {"external": True} for source in sources if not source.startswith("/")}


def _service(c: Container, options: tuple[str, ...]) -> dict[str, Any]:
    """The flags of `docker run` as keys of a compose service.

    Raises PluginError for a flag that has no such key here.
    """
    service: dict[str, Any] = {"tty": True} if "t" in c.detach else {}
    words = iter(options)
    for word in words:
        flag, equals, value = word.partition("=")
        if flag in _SWITCHES:
            service[_SWITCHES[flag]] = value != "false"
        elif knows(flag):
            _set(service, flag, value if equals else next(words))
        else:
            raise PluginError(
                c.name, f"the flag {flag} has no key in a compose file here", "launch it with `run`"
            )
    return service


def knows(flag: str) -> bool:
    """Has this flag of `docker run` a key in a compose file here?"""
    return flag in (*_LISTS, *_WORDS, *_SWITCHES, "--ulimit")


def _set(service: dict[str, Any], flag: str, value: str) -> None:
    """One flag with its value becomes a key, or one more entry of a key."""
    if flag == "--ulimit":
        name, _, limit = value.partition("=")
        soft, _, hard = limit.partition(":")
        both = {"soft": int(soft), "hard": int(hard)} if hard else int(soft)
        service.setdefault("ulimits", {})[name] = both
    elif flag in _LISTS:
        service.setdefault(_LISTS[flag], []).append(value)
    else:
        service[_WORDS[flag]] = int(value) if flag in _NUMBERS else value


def _escaped(value: Any) -> Any:
    """Compose reads $ as a variable: what we write is meant as it stands."""
    match value:
        case str():
            return value.replace("$", "$$")
        case dict():
            return {key: _escaped(item) for key, item in value.items()}
        case list():
            return [_escaped(item) for item in value]
    return value
