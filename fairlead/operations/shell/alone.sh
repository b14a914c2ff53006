# ENGINE SYSTEM: does no container of this system of fairlead's run here, in this engine or the other
# one where that answers? Exit codes: 1 one does, 2 the engine does not answer.
engine=$1 system=$2
of_system() { "$1" ps -q --filter "label=fairlead.system=$system"; }
ids=$(of_system "$engine") || exit 2
case $engine in docker) other=podman ;; *) other=docker ;; esac
! command -v "$other" >/dev/null || ids=$ids$(of_system "$other" 2>/dev/null)
[ -z "$ids" ]
