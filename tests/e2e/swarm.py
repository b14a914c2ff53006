"""A swarm of the lab's hosts as it is, seen from below."""

from tests.e2e.ground import each, sh

LEAVE = sh.text("swarm_leave")
WATCH = sh.text("swarm_watch")
SECRETS = "docker secret ls --format '{{.Name}}'"


def sums(service: str, file: str, *hosts: str) -> set[str]:
    """The sha256 of a secret in the containers of a service; one where all have the same."""
    some = {"hosts": hosts} if hosts else {}
    outputs = each(sh.text("swarm_secret"), service, file, **some).values()
    return {output.split()[0] if output else "none" for output in outputs}
