# Does every service of a stack run as it has to? Included after stack_lib.sh, whose
# words and functions it uses. It reads the variables
#   own            not empty: a task counts if it is of the specification that its service has
#   FAIRLEAD_SPEC  else: it counts if it is of this one
#   steady         for how many seconds a task has to have run, to count
# A service without a number runs on every node of the stack that is ready. A node that is down has
# no say: its tasks do not count, whatever the swarm has last heard of them; `down` has the names.
# Tasks of another specification have to be gone. Three failures for each task that is wanted, and
# it will not become so.

# shellcheck disable=SC2154 # root, stack: stack_lib.sh has them; steady: the caller
# A service in one line: name, specification, replicas, state of its update, and its message
about_format='{{.Spec.Name}}|'
about_format=$about_format'{{index .Spec.TaskTemplate.ContainerSpec.Labels "fairlead.spec"}}|'
about_format=$about_format'{{with .Spec.Mode.Replicated}}{{.Replicas}}{{end}}|'
about_format=$about_format'{{with .UpdateStatus}}{{.State}}|{{.Message}}{{end}}'
task_format='{{.ID}}|{{.Node}}|{{.DesiredState}}|{{.CurrentState}}|{{.Error}}'

# Of tasks that there were before (ID), then of the specification of each (ID|SPEC), then of all in
# task_format, parted by lines "--": how many run, are leaving, run too short a time yet, have
# failed, the ID of one that failed, and what the swarm says of them.
# shellcheck disable=SC2016
count_tasks='
BEGIN {
  count = split(down, names, " ")
  for (i = 1; i <= count; i++) is_down[names[i]] = 1
}
$0 == "--" { part++; next }
part == 2 && ($2 in is_down) { next }
part == 0 { before[$1] = 1 }
part == 1 { spec_of[$1] = $2 }
part == 2 && spec_of[$1] == spec {
  if ($4 ~ /^Running/ && $3 == "Running") {
    runs++
    split($4, age, " ")
    if (age[2] == "less" || (age[3] ~ /^second/ && age[2] < steady)) young++
  }
  if ($4 ~ /^(Failed|Rejected)/ && !($1 in before)) {
    failed++
    if (!failure) failure = $1
  }
  if ($5 != "" && !($1 in before && $3 != "Running")) {
    gsub(/"/, "", $5)
    reason = ($2 == "" ? "" : $2 ": ") $5
    if (!(reason in seen)) {
      seen[reason] = 1
      reasons = reasons "; " reason
    }
  }
}
part == 2 && spec_of[$1] != spec && $4 ~ /^Running/ { leaving++ }
END { OFS = "|"; print runs + 0, leaving + 0, young + 0, failed + 0, failure, reasons }'

# judge_service SERVICE
# 0: as it has to be. 1: not yet. 3: it will not become so. What there is to say is added to $why,
# the ID of a task that failed to $failures.
judge_service() {
  about=$(docker service inspect --format "$about_format" "$1") || return 1
  IFS='|' read -r name spec replicas state message <<END
$about
END
  replicas=${replicas:-$ready}
  [ "$replicas" != 0 ] || replicas=1
  [ -z "$own" ] || FAIRLEAD_SPEC=$spec
  tasks=$(docker service ps --no-trunc --format "$task_format" "$name") || return 1
  ids=$(printf '%s\n' "$tasks" | cut -d'|' -f1)
  # shellcheck disable=SC2086 # one word for each task
  specs=$(docker inspect --type task --format '{{.ID}}|{{index .Spec.ContainerSpec.Labels "fairlead.spec"}}' $ids 2>/dev/null)
  before=$(cat "$root/$stack.tasks" 2>/dev/null)
  IFS='|' read -r runs leaving young failed failure reasons <<END
$(printf '%s\n--\n%s\n--\n%s\n' "$before" "$specs" "$tasks" | awk -F'|' -v spec="$FAIRLEAD_SPEC" -v steady="$steady" -v down="$down" "$count_tasks")
END
  note=
  if [ "$spec" != "$FAIRLEAD_SPEC" ]; then
    note=" (${message:-it is not as this stack says})"
  elif [ "$state" = paused ]; then
    note=" ($message)"
  fi
  failures="$failures $failure"
  why="$why$name: $runs of $replicas run$note$reasons. "
  verdict
}

# verdict: the exit code of judge_service
verdict() {
  if [ "$spec" != "$FAIRLEAD_SPEC" ]; then
    case $state in rollback_started | updating) return 1 ;; *) return 3 ;; esac
  fi
  [ "$state" != paused ] || return 3
  if [ "$state" != updating ] && [ "$runs" = "$replicas" ] && [ "$young$leaving" = 00 ]; then
    return 0
  fi
  [ "$failed" -lt $((3 * replicas)) ] || return 3
  return 1
}

# nodes: $ready has how many nodes of the stack are ready, $down the names of those that are not
nodes() {
  states=$(docker node ls --filter "node.label=fairlead.$stack=yes" --format '{{.Status}} {{.Hostname}}') || return 1
  ready=$(printf '%s\n' "$states" | grep -c '^Ready ')
  down=$(printf '%s\n' "$states" | sed -n '/^Ready /d; s/^[^ ]* //p' | tr '\n' ' ')
  down=${down% }
}

# judge: the worst of all services, likewise
judge() {
  why='' failures='' worst=0
  if ! { all=$(services) && nodes; }; then
    why="the swarm does not answer"
    return 1
  fi
  [ -n "$all" ] || { why="there is no service of $stack"; return 1; }
  for service in $all; do
    judge_service "$service"
    code=$?
    [ $code -le $worst ] || worst=$code
  done
  [ -z "$down" ] || why="$why$down: down, and left out. "
  return $worst
}
