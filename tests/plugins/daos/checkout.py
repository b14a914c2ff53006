"""A tree laid out as utils/docker/examples of a DAOS checkout; the files are written here.

It has the naming of 2.4.0 or that of 2.4.1.
"""

import io
import tarfile
from collections.abc import Iterator, Mapping
from pathlib import Path

TREES = ("2.4.0", "2.4.1")
VALUES = {
    "2.4.0": {"base": ("RHEL_BASE_IMAGE_NAME", "RHEL_BASE_IMAGE_TAG"), "all": ()},
    "2.4.1": {
        "base": ("LINUX_IMAGE_NAME", "LINUX_IMAGE_TAG"),
        "all": ("LINUX_DISTRO", "DAOS_DOCKER_IMAGE_NSP"),
    },
}
OF_BASE = (
    "BUST_CACHE",
    "DAOS_REPOS",
    "DAOS_GPG_KEYS",
    "DAOS_REPOS_NOAUTH",
    "DAOS_CLIENT_UNAME",
    "DAOS_CLIENT_UID",
    "DAOS_CLIENT_GNAME",
    "DAOS_CLIENT_GID",
)
CONFIGS = {  # folder of an image -> the configuration in it
    "server": "daos_server",
    "agent": "daos_agent",
    "client": "daos_agent",
    "admin": "daos_control",
    "client_agent": "",
}
HOST = """    network_mode: host
    pid: host
    cap_add:
      - SYS_ADMIN
    user: "${DAOS_CLIENT_UID}:${DAOS_CLIENT_GID}"
"""
FUSE = '    devices:\n      - "/dev/fuse:/dev/fuse"\n'
SOCKET = """    volumes:
      - type: volume
        source: daos_agent-socket
        target: /var/run/daos_agent
        volume:
          nocopy: true
"""
BIND = """    volumes:
      - type: bind
        source: "${DAOS_AGENT_RUNTIME_DIR}"
        target: /var/run/daos_agent
"""
SERVER = """    privileged: true
    ulimits:
      memlock:
        soft: -1
        hard: -1
      nofile: 1048576
    network_mode: host
    volumes:
      - type: bind
        source: /lib/modules
        target: /lib/modules
      - type: bind
        source: /dev/hugepages
        target: /dev/hugepages
"""
TTY = "    tty: true\n"
AGENT = "    network_mode: host\n    pid: host\n"
GATHERED = "    network_mode: host\n    cap_add:\n      - SYS_ADMIN\n"
DOCKERFILE = Path(__file__).with_name("Dockerfile").read_text("utf-8")


def _service_secret(component: str) -> str:
    source = f"daos_{component}-certs"
    return f"    secrets:\n      - source: {source}\n        target: {source}.txz\n"


def _secret(component: str) -> str:
    """The secret of a compose file, at its end."""
    file = f"${{DAOS_{component.upper()}_CERTS_TXZ}}"
    return f'\nsecrets:\n  daos_{component}-certs:\n    file: "{file}"\n'


def image(naming: str, name: str) -> str:
    """What the image of a component is called in a compose file."""
    if naming == "2.4.0":
        return f"daos-{name.partition('_')[0]}:${{DAOS_DOCKER_IMAGE_TAG}}"
    return f"${{DAOS_DOCKER_IMAGE_NSP}}/daos-{name}-${{LINUX_DISTRO}}:${{DAOS_DOCKER_IMAGE_TAG}}"


def _service(
    naming: str, service: str, name: str, folder: str, body: str, more: tuple[str, ...] = ()
) -> str:
    distro = "el8" if naming == "2.4.0" else "${LINUX_DISTRO}"
    args = (*VALUES[naming]["all"], "DAOS_DOCKER_IMAGE_TAG", "DAOS_VERSION", *more)
    lines = "".join(f'        - "{arg}=${{{arg}}}"\n' for arg in args)
    return (
        f'  {service}:\n    image: "{image(naming, name)}"\n'
        f'    build:\n      context: "{folder}/{distro}"\n      args:\n{lines}{body}'
    )


def _client(naming: str, mode: str, folder: str, body: str, more: tuple[str, ...] = ()) -> str:
    """From 2.4.1 on each mode of the client has a name of its own."""
    suffix = f"_{mode}" if naming == "2.4.1" else ""
    return _service(naming, f"daos_client{suffix}", f"client{suffix}", folder, body, more)


def _separate(naming: str) -> str:
    agent_body = AGENT + SOCKET + _service_secret("agent")
    agent = _service(naming, "daos_agent", "agent", "daos-agent", agent_body)
    body = TTY + HOST + SOCKET + FUSE + "    depends_on:\n      - daos_agent\n"
    client = _client(naming, "sa", "daos-client", body)
    return f"{agent}\n{client}\nvolumes:\n  daos_agent-socket:\n{_secret('agent')}"


def _gathered(naming: str) -> str:
    names = ("DAOS_CLIENT_UNAME", "DAOS_CLIENT_GNAME")
    body = TTY + GATHERED + FUSE + _service_secret("agent")
    return _client(naming, "gt", "daos-client_agent", body, names) + _secret("agent")


def _simple(naming: str, component: str, body: str) -> str:
    """A service with a secret of its own."""
    body += _service_secret(component)
    name = f"daos_{component}", component, f"daos-{component}"
    return _service(naming, *name, body) + _secret(component)


def compose_files(naming: str) -> Mapping[str, str]:
    """Name -> text."""
    base = (*VALUES[naming]["base"], *OF_BASE)
    bodies = {
        "base": _service(naming, "daos_base", "base", "daos-base", TTY, base),
        "client_bm": _client(naming, "bm", "daos-client", TTY + HOST + BIND + FUSE),
        "client_sa": _separate(naming),
        "client_gt": _gathered(naming),
        "admin": _simple(naming, "admin", TTY),
        "server": _simple(naming, "server", SERVER),
    }
    head = '# A tree laid out as upstream\'s, for tests.\n\nversion: "3.8"\nservices:\n\n'
    return {f"docker-compose.{name}.yml": f"{head}{text}" for name, text in bodies.items()}


def dockerfiles(naming: str) -> Iterator[tuple[str, str]]:
    """Path -> text: images that say what they were built from, without fetching anything."""
    name, tag = VALUES[naming]["base"]
    text = DOCKERFILE.format(base=f"${{{name}}}:${{{tag}}}")
    yield "daos-base/el8/Dockerfile", f"ARG {name}\nARG {tag}\n{text}"
    names = ("LINUX_DISTRO", "DAOS_DOCKER_IMAGE_NSP", "DAOS_DOCKER_IMAGE_TAG")
    args = "".join(f"ARG {name}\n" for name in names)
    for folder, config in CONFIGS.items():
        below = image(naming, "agent" if folder == "client_agent" else "base")
        copy = f"COPY {config}.yml /etc/daos/\n" if config else ""
        yield f"daos-{folder}/el8/Dockerfile", f"{args}FROM {below}\n{copy}"


def archive(naming: str) -> bytes:
    """The tree as a tar: to be unpacked in a checkout's utils/docker/examples."""
    data = io.BytesIO()
    files = {
        **compose_files(naming),
        **dict(dockerfiles(naming)),
        ".env": "# upstream's own: nothing here is ours to change\n",
    }
    with tarfile.open(fileobj=data, mode="w") as tar:
        for path, text in files.items():
            entry = tarfile.TarInfo(path)
            entry.size, entry.mode = len(text.encode()), 0o644
            tar.addfile(entry, io.BytesIO(text.encode()))
    return data.getvalue()
