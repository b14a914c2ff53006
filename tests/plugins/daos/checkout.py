"""A tree laid out as utils/docker/examples of a DAOS checkout, in the naming of 2.4.0 and in that of 2.4.1; the files are written here."""

import io
import tarfile
from collections.abc import Iterator, Mapping

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
BIND = '    volumes:\n      - type: bind\n        source: "${DAOS_AGENT_RUNTIME_DIR}"\n        target: /var/run/daos_agent\n'


def _secret(component: str) -> str:
    return f"    secrets:\n      - source: daos_{component}-certs\n        target: daos_{component}-certs.txz\n"


def _held(component: str) -> str:
    return f'secrets:\n  daos_{component}-certs:\n    file: "${{DAOS_{component.upper()}_CERTS_TXZ}}"\n'


def image(naming: str, name: str) -> str:
    if naming == "2.4.0":
        return f"daos-{name.partition('_')[0]}:${{DAOS_DOCKER_IMAGE_TAG}}"
    return f"${{DAOS_DOCKER_IMAGE_NSP}}/daos-{name}-${{LINUX_DISTRO}}:${{DAOS_DOCKER_IMAGE_TAG}}"


def _service(
    naming: str, service: str, name: str, folder: str, rest: str, more: tuple[str, ...] = ()
) -> str:
    distro = "el8" if naming == "2.4.0" else "${LINUX_DISTRO}"
    args = (*VALUES[naming]["all"], "DAOS_DOCKER_IMAGE_TAG", "DAOS_VERSION", *more)
    lines = "".join(f'        - "{arg}=${{{arg}}}"\n' for arg in args)
    return f'  {service}:\n    image: "{image(naming, name)}"\n    build:\n      context: "{folder}/{distro}"\n      args:\n{lines}{rest}'


def compose_files(naming: str) -> Mapping[str, str]:
    """Name -> text."""

    def client(mode: str) -> tuple[str, str]:
        return (
            (f"daos_client_{mode}", f"client_{mode}")
            if naming == "2.4.1"
            else ("daos_client", "client")
        )

    agent = _service(
        naming,
        "daos_agent",
        "agent",
        "daos-agent",
        "    network_mode: host\n    pid: host\n" + SOCKET + _secret("agent"),
    )
    sa = _service(
        naming,
        *client("sa"),
        "daos-client",
        "    tty: true\n" + HOST + SOCKET + FUSE + "    depends_on:\n      - daos_agent\n",
    )
    gt = (
        "    tty: true\n    network_mode: host\n    cap_add:\n      - SYS_ADMIN\n"
        + FUSE
        + _secret("agent")
    )
    server = "    privileged: true\n    ulimits:\n      memlock:\n        soft: -1\n        hard: -1\n      nofile: 1048576\n    network_mode: host\n"
    binds = "".join(
        f"      - type: bind\n        source: {path}\n        target: {path}\n"
        for path in ("/lib/modules", "/dev/hugepages")
    )
    body = {
        "base": _service(
            naming,
            "daos_base",
            "base",
            "daos-base",
            "    tty: true\n",
            (*VALUES[naming]["base"], *OF_BASE),
        ),
        "client_bm": _service(
            naming, *client("bm"), "daos-client", "    tty: true\n" + HOST + BIND + FUSE
        ),
        "client_sa": agent + "\n" + sa + "\nvolumes:\n  daos_agent-socket:\n\n" + _held("agent"),
        "client_gt": _service(
            naming,
            *client("gt"),
            "daos-client_agent",
            gt,
            ("DAOS_CLIENT_UNAME", "DAOS_CLIENT_GNAME"),
        )
        + "\n"
        + _held("agent"),
        "admin": _service(
            naming, "daos_admin", "admin", "daos-admin", "    tty: true\n" + _secret("admin")
        )
        + "\n"
        + _held("admin"),
        "server": _service(
            naming,
            "daos_server",
            "server",
            "daos-server",
            server + "    volumes:\n" + binds + _secret("server"),
        )
        + "\n"
        + _held("server"),
    }
    return {
        f"docker-compose.{name}.yml": f"# A tree laid out as upstream's, for tests.\nservices:\n\n{text}"
        for name, text in body.items()
    }


def dockerfiles(naming: str) -> Iterator[tuple[str, str]]:
    """Path -> text: images that say what they were built from, without fetching anything."""
    base = (
        "${RHEL_BASE_IMAGE_NAME}:${RHEL_BASE_IMAGE_TAG}"
        if naming == "2.4.0"
        else "${LINUX_IMAGE_NAME}:${LINUX_IMAGE_TAG}"
    )
    names = " ".join(VALUES[naming]["base"])
    head = "".join(f"ARG {name}\n" for name in names.split())
    yield (
        "daos-base/el8/Dockerfile",
        f'{head}FROM {base}\nARG DAOS_VERSION\nRUN echo "$DAOS_VERSION" >/etc/built-of\nENTRYPOINT ["/bin/sh"]\n',
    )
    for folder, config in (
        ("server", "daos_server"),
        ("agent", "daos_agent"),
        ("client", "daos_agent"),
        ("admin", "daos_control"),
        ("client_agent", ""),
    ):
        below = image(naming, "agent" if folder == "client_agent" else "base")
        args = "".join(
            f"ARG {name}\n"
            for name in ("LINUX_DISTRO", "DAOS_DOCKER_IMAGE_NSP", "DAOS_DOCKER_IMAGE_TAG")
        )
        copy = f"COPY {config}.yml /etc/daos/\n" if config else ""
        yield f"daos-{folder}/el8/Dockerfile", f"{args}FROM {below}\n{copy}"


def archive(naming: str) -> bytes:
    """The tree as a tar: to be unpacked in a checkout's utils/docker/examples."""
    held = io.BytesIO()
    files = {
        **compose_files(naming),
        **dict(dockerfiles(naming)),
        ".env": "# upstream's own: nothing here is ours to change\n",
    }
    with tarfile.open(fileobj=held, mode="w") as tar:
        for path, text in files.items():
            entry = tarfile.TarInfo(path)
            entry.size, entry.mode = len(text.encode()), 0o644
            tar.addfile(entry, io.BytesIO(text.encode()))
    return held.getvalue()
