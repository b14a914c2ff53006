"""The server: a container with the host's network, and a volume that outlives it."""

from fairlead.api import Ask, Logs, checks, docker, hookimpl, lifecycle
from fairlead.api import upgrade as upgrades

SERVE = 'cd /www; [ -e index.html ] || echo hello >index.html; exec httpd -f -p "$1"'


def _container(ask: Ask) -> docker.Container:
    site = ask.section
    return docker.container(
        ask,
        name="SYSTEM",
        image=f"{site.image}:{site.tag}",
        options=("--net=host",),
        command=("sh", "-c", SERVE, "SYSTEM", str(site.port)),
        root="/var/lib/SYSTEM",
        state=(docker.Volume("/www"),),
        healthy=("wget", "-q", "-O", "/dev/null", f"http://127.0.0.1:{site.port}/"),
        stop_timeout=1,
    )


@hookimpl
def facts(ask: Ask):
    listening = (checks.sockets_fact(), checks.pids_fact("docker", "SYSTEM"))
    return (*lifecycle.facts(_container(ask), ask), *listening)


@hookimpl
def preflight(ask: Ask):
    ports = checks.ports(ask, {"http": checks.tcp(ask.section.port)})
    return (checks.engine(ask, "docker"), *ports)


@hookimpl
def up(ask: Ask[lifecycle.UpOptions]):
    return lifecycle.up(_container(ask), ask)


@hookimpl
def down(ask: Ask):
    return lifecycle.down(_container(ask), ask)


@hookimpl
def restart(ask: Ask):
    return lifecycle.restart(_container(ask), ask)


@hookimpl
def status(ask: Ask):
    return lifecycle.status(_container(ask), ask)


@hookimpl
def logs(ask: Ask[Logs]):
    return lifecycle.logs(_container(ask), str(ask.options.tail), ask.options.follow)


@hookimpl
def exec_(ask: Ask):
    return lifecycle.session(_container(ask), ask.argv)


@hookimpl
def upgrade(ask: Ask):
    return upgrades.upgrade(_container(ask), ask)


@hookimpl
def rollback(ask: Ask):
    return upgrades.rollback(_container(ask), ask)
