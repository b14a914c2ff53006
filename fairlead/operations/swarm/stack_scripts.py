"""Constant sh programs for stacks; each begins with ROOT STACK. ROOT is a folder of the manager that is closed to others:

ROOT/key makes digests of secrets useless elsewhere; ROOT/STACK.deployed says what was deployed, ROOT/STACK.before what there was before a change
under way, ROOT/STACK.tasks the tasks of that time, ROOT/STACK.nodes the labelled nodes of that time, ROOT/SECRET.new the version that is being made.
"""

_BEGIN = """umask 077; root=$1 stack=$2; shift 2
space=com.docker.stack.namespace
services() { docker service ls -q --filter "label=$space=$stack"; }
short() { sha256sum | cut -c1-16; }
digest() { { cat "$root/key"; { cat "$root/key"; cat; } | sha256sum; } | sha256sum | cut -c1-32; }
versions() { docker secret ls --filter "label=fairlead.stack=$stack" --filter "label=fairlead.secret=$1" --format '{{.Name}}'; }
newest() { names=$(versions "$1") || exit 2; printf '%s\\n' "$names" | sed 's/\\(.*\\)-/\\1 /' | sort -k 2n | tail -n 1 | tr ' ' -; }
spec() { docker service inspect --format '{{json .Spec}}' "$1" | short; }
specs() { all=$(services) || exit 2; for one in $all; do spec "$one"; done | sort | short; }
"""
FOLDER = """[ -d "$1" ] && [ ! -h "$1" ] && [ "$(stat -c %a:%u "$1")" = "700:$(id -u)" ]"""
MAKE_FOLDER = 'set -eu; umask 077; mkdir -p "$1"; chmod 700 "$1"'

# ROOT STACK NAME, the value on stdin: is it that of the newest version? A secret of a swarm cannot be read back: a keyed digest stands on its label.
HOLDS = (
    _BEGIN
    + """[ -s "$root/key" ] || exit 1
is=$(newest "$1") || exit 2
[ -n "$is" ] || exit 1
has=$(docker secret inspect --format '{{index .Spec.Labels "fairlead.operations.digest"}}' "$is") || exit 2
[ "$has" = "$(digest)" ]"""
)
# ROOT STACK NAME, the value on stdin: it becomes NAME-N. ROOT STACK NAME: what was made so goes again.
CREATE = (
    _BEGIN
    + """set -eu
[ -s "$root/key" ] || { head -c 32 /dev/urandom >"$root/key.new"; mv "$root/key.new" "$root/key"; }
names=$(docker secret ls --format '{{.Name}}')
last=$(printf '%s\\n' "$names" | sed -n "s/^$1-\\([0-9][0-9]*\\)\\$/\\1/p" | sort -n | tail -n 1)
new=$1-$((${last:-0} + 1))
echo "$new" >"$root/$1.new"
mark=$(digest </dev/stdin)
docker secret create --label "fairlead.stack=$stack" --label "fairlead.secret=$1" --label "fairlead.operations.digest=$mark" "$new" - >/dev/null"""
)
UNCREATE = (
    _BEGIN
    + """[ -s "$root/$1.new" ] || exit 0
new=$(cat "$root/$1.new")
names=$(docker secret ls --format '{{.Name}}') || exit 1
if printf '%s\\n' "$names" | grep -qxF "$new"; then docker secret rm "$new" >/dev/null || exit 1; fi
rm -f "$root/$1.new" """
)

# ROOT STACK LABEL NODE...: exactly these nodes have the label. A NODE is an ID, perhaps followed by more.
_NODES = (
    _BEGIN
    + """label=$1; shift
have() { docker node ls -q --filter "node.label=$label=yes" | sort; }
want() { for n; do echo "${n%% *}"; done | sort -u; }
"""
)
LABELLED = (
    _NODES
    + """is=$(have) || exit 2
[ "$is" = "$(want "$@")" ]"""
)
_LABEL = """label() { # NODE...
  want "$@" >"$root/$stack.want"
  for n in $(want "$@"); do docker node update --label-add "$label=yes" "$n" >/dev/null || return 1; done
  for n in $(have | grep -vxF -f "$root/$stack.want"); do docker node update --label-rm "$label" "$n" >/dev/null || return 1; done
  rm -f "$root/$stack.want"
}
"""
LABEL = _NODES + _LABEL + 'have >"$root/$stack.nodes" || exit 1\nlabel "$@"'
UNLABEL = (
    _NODES
    + _LABEL
    + '[ ! -f "$root/$stack.nodes" ] || { label $(cat "$root/$stack.nodes") && rm -f "$root/$stack.nodes"; }'
)

# ROOT STACK GLOBAL PATIENCE STEADY ENV "SECRET ..." "IMAGE ..." RESOLVE FILE...: what the files are filled with, and a word for all that goes in.
# GLOBAL is how many tasks a service has that runs on every node, PATIENCE how many seconds it may take, STEADY how many of them a task has to have
# run, RESOLVE as `docker stack deploy` has it.
_PREPARE = (
    _BEGIN
    + """own= bad= global=$1 patience=$2 steady=$3 env=$4 secrets=$5 images=$6 resolve=$7; shift 7
prepare() {
  for file in "$env" "$@"; do [ -z "$file" ] || [ -f "$file" ] || { echo "there is no $file" >&2; return 1; }; done
  [ -z "$env" ] || { set -a; . "$env"; set +a; }
  n=0 all=
  for s in $secrets; do
    n=$((n + 1)) is=$(newest "$s") || return 2
    [ -n "$is" ] || { echo "the swarm has no secret $s" >&2; return 1; }
    export "FAIRLEAD_SECRET_$n=$is"; all="$all $is"
  done
  for i in $images; do is=$(docker image ls -q --no-trunc "$i") || return 2; all="$all $is"; done
  FAIRLEAD_SPEC=$({ echo "$all $resolve"; cat ${env:+"$env"} "$@"; } | short)
  export FAIRLEAD_SPEC
}
"""
)
DEPLOYED = (
    _PREPARE
    + """[ -f "$root/$stack.deployed" ] || exit 1
prepare "$@" || exit $?
now=$(specs) || exit 2
[ "$(cat "$root/$stack.deployed")" = "$FAIRLEAD_SPEC $now" ]"""
)
DEPLOY = (
    _PREPARE
    + """prepare "$@" || exit 1
all=$(services) || exit 1
for one in $all; do printf '%s %s\\n' "$(docker service inspect --format '{{.Spec.Name}}' "$one")" "$(spec "$one")"; done >"$root/$stack.before.new"
docker stack ps -q --no-trunc "$stack" >"$root/$stack.tasks" 2>/dev/null
rm -f "$root/$stack.deployed.before"
[ ! -f "$root/$stack.deployed" ] || mv "$root/$stack.deployed" "$root/$stack.deployed.before"
mv "$root/$stack.before.new" "$root/$stack.before"
for file; do shift; set -- "$@" -c "$file"; done
[ "$resolve" = never ] || set -- --with-registry-auth "$@"
docker stack deploy --resolve-image "$resolve" "$@" "$stack" || exit 1
printf '%s %s\\n' "$FAIRLEAD_SPEC" "$(specs)" >"$root/$stack.deployed" """
)
_GONE = """is_gone() {
  [ -z "$(services)" ] && [ -z "$(docker stack ps -q "$stack" 2>/dev/null)" ] && [ -z "$(docker network ls -q --filter "label=$space=$stack")" ]
}
remove() { # SECONDS
  docker stack rm "$stack" >/dev/null || return 1
  tries=$1
  until is_gone; do
    if [ $((tries -= 1)) = 0 ]; then
      echo "it is not gone yet: $(docker stack ps --format '{{.Name}} {{.Node}} {{.CurrentState}}' "$stack" 2>&1)" >&2
      return 1
    fi
    docker network ls -q --filter "label=$space=$stack" | xargs -r docker network rm >/dev/null 2>&1 # `stack rm` gives up on one that is still in use
    sleep 1
  done
  rm -f "$root/$stack.deployed"
}
"""
# ROOT STACK: every service is as it was before DEPLOY; a stack that is new is gone.
UNDEPLOY = (
    _BEGIN
    + _GONE
    + """[ -f "$root/$stack.before" ] || exit 0
[ -s "$root/$stack.before" ] || { remove 60 && rm -f "$root/$stack.before" "$root/$stack.tasks"; exit; }
all=$(services) || exit 1
other() { [ "$(sed -n "s/^$1 //p" "$root/$stack.before")" != "$(spec "$1")" ]; }
for name in $(docker service inspect --format '{{.Spec.Name}}' $all); do
  if ! grep -q "^$name " "$root/$stack.before"; then docker service rm "$name" >/dev/null || exit 1
  elif other "$name"; then docker service rollback -d "$name" >/dev/null || exit 1; fi
done
all=$(services) || exit 1
tries=90
while docker service inspect --format '{{with .UpdateStatus}}{{.State}}{{end}}' $all | grep -Eq '^(updating|rollback_started)$'; do
  [ $((tries -= 1)) -gt 0 ] || { echo "the swarm has not brought the old ones back yet" >&2; exit 1; }
  sleep 1
done
for name in $(docker service inspect --format '{{.Spec.Name}}' $all); do
  if other "$name"; then echo "$name is not as it was: docker service inspect $name" >&2; exit 1; fi
done
[ ! -f "$root/$stack.deployed.before" ] || mv "$root/$stack.deployed.before" "$root/$stack.deployed"
rm -f "$root/$stack.before" "$root/$stack.tasks" """
)
REMOVED = _BEGIN + _GONE + "is_gone"
REMOVE = _BEGIN + _GONE + "remove 60"

# A task counts if it is of this very specification (of the one that its service has, with $own) and has run for $steady seconds; those of another
# have to be gone. Three failures for each task that is wanted, and it will not become so.
_LOOK = """ABOUT='{{.Spec.Name}}|'
ABOUT=$ABOUT'{{index .Spec.TaskTemplate.ContainerSpec.Labels "fairlead.spec"}}|{{with .Spec.Mode.Replicated}}{{.Replicas}}{{end}}|'
ABOUT=$ABOUT'{{with .UpdateStatus}}{{.State}}|{{.Message}}{{end}}'
COUNT='$0 == "--" { part++; next }
part == 0 { old[$1] = 1 }
part == 1 { of[$1] = $2 }
part == 2 && of[$1] == spec {
  if ($4 ~ /^Running/ && $3 == "Running") { runs++; split($4, age, " "); if (age[2] == "less" || (age[3] ~ /^second/ && age[2] < steady)) young++ }
  if ($4 ~ /^(Failed|Rejected)/ && !($1 in old)) { failed++; if (!bad) bad = $1 }
  if ($5 != "" && !($1 in old && $3 != "Running")) {
    gsub(/"/, "", $5); said = ($2 == "" ? "" : $2 ": ") $5
    if (!(said in told)) { told[said] = 1; why = why "; " said }
  }
}
part == 2 && of[$1] != spec && $4 ~ /^Running/ { leaving++ }
END { OFS = "|"; print runs + 0, leaving + 0, young + 0, failed + 0, bad, why }'
one() { # SERVICE -> 0: as asked. 1: not yet. 3: it will not become so. What there is to say is added to $why
  about=$(docker service inspect --format "$ABOUT" "$1") || return 1
  IFS='|' read -r name is wanted state message <<END
$about
END
  wanted=${wanted:-$global}
  [ -z "$own" ] || FAIRLEAD_SPEC=$is
  tasks=$(docker service ps --no-trunc --format '{{.ID}}|{{.Node}}|{{.DesiredState}}|{{.CurrentState}}|{{.Error}}' "$name") || return 1
  ids=$(printf '%s\\n' "$tasks" | cut -d'|' -f1)
  of=$(docker inspect --type task --format '{{.ID}}|{{index .Spec.ContainerSpec.Labels "fairlead.spec"}}' $ids 2>/dev/null)
  old=$(cat "$root/$stack.tasks" 2>/dev/null)
  IFS='|' read -r runs leaving young failed last said <<END
$(printf '%s\\n--\\n%s\\n--\\n%s\\n' "$old" "$of" "$tasks" | awk -F'|' -v spec="$FAIRLEAD_SPEC" -v steady="$steady" "$COUNT")
END
  note= bad="$bad $last"
  if [ "$is" != "$FAIRLEAD_SPEC" ]; then note=" (${message:-it is not as this stack says})"; elif [ "$state" = paused ]; then note=" ($message)"; fi
  why="$why$name: $runs of $wanted run$note$said. "
  [ "$is" = "$FAIRLEAD_SPEC" ] || case $state in rollback_started | updating) return 1 ;; *) return 3 ;; esac
  case $state in paused) return 3 ;; updating) [ "$failed" -lt $((3 * wanted)) ] || return 3; return 1 ;; esac
  [ "$runs" != "$wanted" ] || [ "$young$leaving" != 00 ] || return 0
  [ "$failed" -lt $((3 * wanted)) ] || return 3
  return 1
}
judge() {
  why= bad= worst=0
  all=$(services) || { why="the swarm does not answer"; return 1; }
  [ -n "$all" ] || { why="there is no service of $stack"; return 1; }
  for id in $all; do
    one "$id"
    r=$?
    [ $r -le $worst ] || worst=$r
  done
  return $worst
}
"""
_JUDGE = _PREPARE + _LOOK
CONVERGED = _JUDGE + 'prepare "$@" || exit $?\njudge && exit 0\necho "${why%. }" >&2\nexit 1'
CONVERGE = (
    _JUDGE
    + """prepare "$@" || exit 1
end=$(($(date +%s) + patience))
while :; do
  judge && exit 0
  [ $? = 3 ] || [ "$(date +%s)" -ge $end ] || { sleep 1; continue; }
  echo "${why%. }"
  for id in $bad; do timeout 5 docker service logs --raw --tail 3 "$id" 2>&1 | sed 's/^/it said: /'; done
  exit 1
done"""
)

# ROOT STACK SECRET...: nothing is left of what was before: old versions that no service uses any more, and notes of the change.
_OLD = """old() { # SECRET
  now=$(newest "$1") || exit 2
  versions "$1" | grep -vxF "${now:-none}"
}
"""
TIDY_IS = (
    _BEGIN
    + _OLD
    + """for s; do [ ! -f "$root/$s.new" ] && [ -z "$(old "$s")" ] || exit 1; done
for f in before tasks nodes deployed.before; do [ ! -f "$root/$stack.$f" ] || exit 1; done"""
)
TIDY = (
    _BEGIN
    + _OLD
    + """for s; do
  for o in $(old "$s"); do
    said=$(docker secret rm "$o" 2>&1) || case $said in *"in use"*) echo "$said" ;; *) echo "$said" >&2; exit 1 ;; esac
  done
  rm -f "$root/$s.new"
done
for f in before tasks nodes deployed.before; do rm -f "$root/$stack.$f"; done"""
)
# "" STACK LABEL: 0: what is there runs as it was deployed. 1: it does not; why. 3: there is nothing of it, or this host cannot tell.
STATE = (
    _BEGIN
    + _LOOK
    + """own=1 steady=5
all=$(services 2>/dev/null) && [ -n "$all" ] || exit 3
global=$(docker node ls -q --filter "node.label=$1=yes" | wc -l)
judge && exit 0
echo "${why%. }"
exit 1"""
)
# STACK: "ID|STATE|IMAGE" of its containers on this host, those that run first.
TASK = """docker ps -a --no-trunc --filter "label=com.docker.stack.namespace=$1" --format '{{.ID}}|{{.Status}}|{{.Image}}' |
  awk -F'|' '/\\|Up/ { print; next } { left[++n] = $0 } END { for (i = 1; i <= n; i++) print left[i] }'"""
