"""The engine itself: restarted without hurting what runs in it. For Docker, as systemd runs it."""

from fairlead.model.plan import Command, Step

# Containers that ran have to run afterwards; what the engine says when it does not come up is told in its own words. An engine that can look at its
# files beforehand does so while the old one still runs.
RESTART = """ran=$(docker ps -q --no-trunc 2>/dev/null)
if dockerd --help 2>&1 | grep -q -- --validate && [ -f /etc/docker/daemon.json ]; then
  dockerd --validate --config-file /etc/docker/daemon.json >/dev/null || exit 1
fi
systemctl reset-failed docker 2>/dev/null
said=$(timeout 100 systemctl restart docker 2>&1); rc=$?
tries=60
until docker info >/dev/null 2>&1; do
  if [ $rc -ne 0 ] || [ $((tries -= 1)) -le 0 ]; then
    why=$(journalctl -u docker -n 40 2>/dev/null | grep -iE 'unable to|failed to start|fatal|error' | tail -n 1)
    echo "the engine does not start: ${why:-$said}" >&2; exit 1
  fi
  sleep 1
done
for id in $ran; do
  found=$(docker container ls -q --no-trunc --filter "id=$id") || exit 1
  [ -n "$found" ] || { echo "the container $id ran before, and does not any more" >&2; exit 1; }
done"""
# The way back: whatever its state, it runs with the files that are there now.
AGAIN = """systemctl reset-failed docker 2>/dev/null
timeout 100 systemctl restart docker || exit 1
tries=60; until docker info >/dev/null 2>&1; do [ $((tries -= 1)) -gt 0 ] || exit 1; sleep 1; done"""
# It is told, not stopped: containers that run now outlive the restart that comes.
RELOAD = """systemctl reload docker || exit 1
tries=50; until [ "$(docker info -f '{{.LiveRestoreEnabled}}' 2>/dev/null)" = "$1" ]; do
  [ $((tries -= 1)) -gt 0 ] || { echo "the engine does not take live-restore over" >&2; exit 1; }
  sleep 0.2
done"""

RUNS: Command = ("sh", "-c", "docker info >/dev/null 2>&1 || exit 1")


def restart() -> Command:
    return ("sh", "-c", RESTART, "restart")


def again() -> Command:
    return ("sh", "-c", AGAIN, "restart")


def reload(live: bool) -> Command:
    """The engine reads daemon.json anew; it has said that live-restore is as asked."""
    return ("sh", "-c", RELOAD, "reload", "true" if live else "false")


def started(name: str = "engine") -> Step:
    """It is enabled and runs."""
    enabled = (
        "sh",
        "-c",
        "systemctl is-enabled -q docker && docker info >/dev/null 2>&1 || exit 1",
    )
    return Step(
        name=name,
        unless=enabled,
        do=("systemctl", "enable", "--now", "docker"),
        until=RUNS,
        timeout=120,
        exclusive=True,
    )
