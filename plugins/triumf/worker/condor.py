"""What condor's processes tell of a worker, and what is said to them. They are seen from the engine's host, so that an image needs no tools for it:
condor_master keeps the others alive, condor_startd takes jobs, each job that runs has a condor_starter.
"""

from collections.abc import Iterable, Mapping

from fairlead.api import Command, Fact, Noun, Step, either

# WANTED...: inside a container, are processes of these names there?
ALIVE = """for want; do
  found=
  for file in /proc/[0-9]*/comm; do
    { read -r is <"$file"; } 2>/dev/null || continue
    [ "$is" != "$want" ] || { found=1; break; }
  done
  [ -n "$found" ] || { echo "$want does not run" >&2; exit 1; }
done"""
HEALTHY = ("sh", "-c", ALIVE, "alive", "condor_master", "condor_startd")
# NAME...: a line for each: NAME, then how many masters, startds and starters it has.
LOOK = """for name; do
  docker top "$name" -eo pid,comm 2>/dev/null | awk -v name="$name" '{ n[$2]++ }
    END { print name, n["condor_master"] + 0, n["condor_startd"] + 0, n["condor_starter"] + 0 }'
done"""
_RUNNING = """running=$(docker container ls --filter status=running --format '{{.Names}}') || exit 2
runs() { printf '%s\\n' "$running" | grep -qxF -- "$1"; }
"""
# NAME...: does none of them take or run jobs any more? One that does not run has none.
QUIET = (
    _RUNNING
    + """left=
for name; do
  runs "$name" || continue
  all=$(docker top "$name" -eo pid,comm) || exit 2
  case $all in *condor_start*) ;; *) continue ;; esac
  echo "$name: $(printf '%s\\n' "$all" | grep -c 'condor_starter$') jobs still run"; left=1
done
[ -z "$left" ]"""
)
# PROGRAM FLAG NAME...: said in each that runs.
SAY = (
    _RUNNING
    + """program=$1 flag=$2 rc=0; shift 2
for name; do
  ! runs "$name" || docker exec "$name" "$program" ${flag:+"$flag"} || rc=1
done
exit $rc"""
)

# NAME...: jobs are taken again, by each that runs. A master that has just started is not ready to be told, and starts its startd by itself.
AGAIN = (
    _RUNNING
    + """rc=0
for name; do
  runs "$name" || continue
  tries=10
  until docker top "$name" -eo pid,comm | grep -q ' condor_startd$' || docker exec "$name" condor_on; do
    [ $((tries -= 1)) -gt 0 ] || { rc=1; break; }
    sleep 2
  done
done
exit $rc"""
)


class Condor(Noun):
    """What runs inside a worker."""

    master: bool = False
    startd: bool = False
    jobs: int = 0


def fact(names: Iterable[str]) -> Fact:
    """`condor`: worker -> what runs inside."""
    return Fact("condor", ("sh", "-c", LOOK, "condor", *names), parsed, timeout=20)


def parsed(code: int, text: str) -> Mapping[str, Condor]:
    rows = (line.split() for line in text.splitlines())
    return {
        row[0]: Condor(row[1] != "0", row[2] != "0", int(row[3]))
        for row in rows
        if len(row) == 4 and all(word.isdigit() for word in row[1:])
    }


def quiet(*names: str) -> Command:
    return ("sh", "-c", QUIET, "quiet", *names)


def off(*names: str) -> Command:
    """No new jobs; what runs may end, however long that takes: condor_off(1). Only condor_master stays."""
    return ("sh", "-c", SAY, "off", "condor_off", "-peaceful", *names)


def on(*names: str) -> Command:
    """Jobs are taken again."""
    return ("sh", "-c", SAY, "on", "condor_on", "", *names)


def drain(names: Iterable[str], seconds: float, unless: Command | None = None) -> Step:
    """Wait until jobs have ended. Where they do not in time, nothing is stopped and jobs are taken again.

    `unless`: a question that makes it needless.
    """
    quiet_now = quiet(*names)
    return Step(
        name="drain",
        unless=either(unless, quiet_now) if unless else quiet_now,
        do=off(*names),
        until=quiet_now,
        undo=("sh", "-c", AGAIN, "again", *names),
        timeout=seconds,
        every=2,
        remedy="wait and say it again, give jobs more time (worker.drain), or lose them: --now",
    )
