# ENGINE SYSTEM: does no container of this system of fairlead's run here? Exit codes: 1 one does, 2 the
# engine does not answer.
engine=$1 system=$2
ids=$("$engine" ps -q --filter "label=fairlead.system=$system") || exit 2
[ -z "$ids" ]
