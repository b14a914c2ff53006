"""Constant sh programs: what is asked of the agents and of a service's engine on a node. They get their words as positional parameters."""

# Which agent is here, told by its files: 2.1 answers `om --version` with an error, and `om` of agent 3 is no script.
_GENERATION = r"""generation() {
  if om=$(command -v om 2>/dev/null); then
    if head -c 4 "$om" | grep -qa 'ELF'; then echo 3; else echo 2.1; fi
  elif [ -x /opt/opensvc/bin/svcmgr ]; then echo legacy
  else echo none; fi
}
"""
GENERATION = _GENERATION + "generation"

# @GENERATION WORD... @GENERATION WORD...: does what stands behind the agent that is here.
CHOOSE = (
    _GENERATION
    + r"""here=$(generation) taken=
for word; do
  shift
  case $word in
    @*) taken=; [ "$word" != "@$here" ] || taken=1 ;;
    *) [ -z "$taken" ] || set -- "$@" "$word" ;;
  esac
done
[ $# -gt 0 ] || { echo "there is no OpenSVC agent here" >&2; exit 3; }
exec "$@" """
)

# JSON on stdin, whatever stands before it -> a line `path/of/keys=value` for each value.
FLAT = r"""{ text = text $0 "\n" }
END {
  sub(/^[^{]*/, "", text)
  while (match(text, /^[ \t\r\n]*("([^"\\]|\\.)*"|[][{},:]|[^][{},:" \t\r\n]+)/)) {
    token = substr(text, 1, RLENGTH); text = substr(text, RLENGTH + 1); sub(/^[ \t\r\n]+/, "", token)
    if (token == "{" || token == "[") { kind[++depth] = token; name[depth] = token == "[" ? 0 : ""; value = 0 }
    else if (token == "}" || token == "]") { if (!--depth) exit; value = 0 }
    else if (token == ",") { value = 0; if (kind[depth] == "[") name[depth]++ }
    else if (token == ":") value = 1
    else {
      gsub(/^"|"$/, "", token)
      if (kind[depth] == "{" && !value) name[depth] = token
      else { path = name[1]; for (i = 2; i <= depth; i++) path = path "/" name[i]; print path "=" token }
    }
  }
}"""

_READ = r"""said=$("$@" 2>/dev/null) || { echo "the agent does not answer: $* ended with $?" >&2; exit 2; }
flat=$(printf '%s\n' "$said" | awk "$program")
[ -n "$flat" ] || { echo "the agent's status is no JSON: $said" >&2; exit 2; }
"""
# FLAT up|down|there RID[,RID...] STATUS...: are these so, in the agent's own JSON? `n/a` is never wrong. `overall` may be one of them.
ARE = (
    r"""program=$1 wanted=$2 rids=$3; shift 3
"""
    + _READ
    + r"""for rid in $(printf %s "$rids" | tr , ' '); do
  if [ "$rid" = overall ]; then key=overall; else key=resources/$rid/status; fi
  is=$(printf '%s\n' "$flat" | awk -v key="$key" '{ at = index($0, "="); p = substr($0, 1, at - 1)
    if (p == key || substr(p, length(p) - length(key)) == "/" key) { print substr($0, at + 1); exit } }')
  case $wanted:$is in
    *:) [ "$wanted" = down ] || { echo "the agent does not know $rid" >&2; exit 1; } ;;
    there:* | *:n/a | up:up | "up:stdby up" | down:down | "down:stdby down") ;;
    *) echo "$rid is $is" >&2; exit 1 ;;
  esac
done"""
)
# FLAT STATUS...: is the service frozen? Today's agents tell since when: a number, or a date.
FROZEN = (
    "program=$1; shift\n"
    + _READ
    + r"""since=$(printf '%s\n' "$flat" | sed -nE 's#^(.*/)?frozen(_at)?=##p' | head -n 1)
case $since in '' | 0 | 0.0 | false | null | 0001-*) exit 1 ;; esac"""
)

# The file

# INSTALLED: does it say what stdin says? Order, blanks, comments and the id that agents add do not count.
SAYS = r"""words() { awk '/^[ \t]*[#;]/ { next } /^\[/ { s = $0; next } /=/ { at = index($0, "="); k = substr($0, 1, at - 1); v = substr($0, at + 1)
  gsub(/^[ \t]+|[ \t\r]+$/, "", k); gsub(/^[ \t]+|[ \t\r]+$/, "", v); if (s k != "[DEFAULT]id") print s k "=" v }' | sort; }
wanted=$(words)
[ -f "$1" ] && [ "$(words <"$1")" = "$wanted" ]"""
# INSTALLED NEW OLD; the file on stdin: it is laid ready, and the one that is installed is kept.
LAY = r"""set -eu; umask 077
mkdir -p "${2%/*}" "${3%/*}"
cat >"$2"
if [ -e "$1" ]; then cp -p "$1" "$3.new"; mv -f "$3.new" "$3"; rm -f "$3.none"; else rm -f "$3"; : >"$3.none"; fi"""
# INSTALLED NEW OLD LINK...: the one that was kept is back; where there was none, the links go too.
RETURN = r"""installed=$1 new=$2 old=$3; shift 3
rm -f "$new"
if [ -e "$old.none" ]; then
  for link; do [ ! -h "$link" ] || rm -f "$link"; done
  rm -f "$installed" "$old.none"
elif [ -e "$old" ]; then cp -p "$old" "$installed.new" && mv -f "$installed.new" "$installed"; fi"""
# WORD...: the agents say that they left something out, and end with 0.
LOUD = r"""said=$("$@" 2>&1); code=$?
printf '%s\n' "$said"
[ $code = 0 ] || exit 1
! printf '%s\n' "$said" | grep -Eiq 'ignored|deprecated|unknown|not a known|unsupported' """
LINKED = r"""cd "$1" && [ "$(readlink "$2")" = ../bin/svcmgr ] && [ "$(readlink "$2.d")" = "$2.dir" ] && [ -d "$2.dir" ]"""
LINK = r"""set -eu; cd "$1"
mkdir -p -m 0755 "$2.dir"; ln -sfn "$2.dir" "$2.d"; ln -sfn ../bin/svcmgr "$2" """

# The engine of a service; DOCKER_HOST says which

# SOCKET: does none run on it any more? A client of ours is none.
GONE = r"""! pgrep -f "^[^ ]*dockerd .*unix://$1( |\$)|^[^ ]*docker .*unix://$1 .*-d( |\$)" >/dev/null"""
HALT = (
    r"""pkill -TERM -f "^[^ ]*dockerd .*unix://$1( |\$)|^[^ ]*docker .*unix://$1 .*-d( |\$)" || :"""
)
# SECONDS WORD...: waits until the words say yes
AFTER = r"""tries=$(($1 * 2)); shift
until "$@"; do [ $((tries -= 1)) -gt 0 ] || exit 1; sleep 0.5; done"""
# WORD...: the engine answers; else the words wake it, as the agent's own passthrough does. They are said again: while the one before is still ending
# (2014 does not wait for it) a new one gives up.
WAKE = r"""alive() { timeout 5 docker version >/dev/null 2>&1; }
tries=10
until alive; do
  tries=$((tries - 1))
  [ $tries -ge 0 ] || { echo "the engine at $DOCKER_HOST does not answer" >&2; exit 1; }
  timeout -k 5 60 "$@" </dev/null >/dev/null 2>&1 || :
  polls=6
  until alive || [ $((polls -= 1)) -lt 0 ]; do sleep 0.5; done
done"""
# IMAGE: is it there, by name, digest or the beginning of an ID?
HAS = r"""all=$(docker image ls --no-trunc --format '{{.ID}} {{.Repository}}:{{.Tag}} {{.Repository}}@{{.Digest}}' --digests) || exit 2
case $1 in *:* | *@*) name=$1 ;; *) name=$1:latest ;; esac
case ${1##*/} in *:* | *@*) ;; *) name=$1:latest ;; esac
printf '%s\n' "$all" | awk -v name="$name" -v id="sha256:$1" '$2 == name || $3 == name || index($1, id) == 1 { found = 1 } END { exit !found }' """
# IMAGE REFERENCE: what was pulled or loaded has to be what was asked for.
HAVE = HAS + r'|| { echo "$2 was fetched, and holds no $1" >&2; exit 1; }'
# REGISTRY USER REFERENCE; the password on stdin: the login is forgotten at the end.
PULL_AS = r"""DOCKER_CONFIG=$(mktemp -d) || exit 1; export DOCKER_CONFIG
trap 'rm -rf "$DOCKER_CONFIG"' EXIT
docker login --username "$2" --password-stdin "$1" >/dev/null 2>&1 || exit 11
docker pull "$3" >/dev/null 2>&1 || exit 12"""
PULL_AS_MEANS = (
    (11, "the registry refuses user and password"),
    (12, "the registry has no such image for this user, or does not answer"),
)

# NAME-FILTER NOTE HASH TRUST: is the container there made as the site says? None is right too. What we noted decides; where we noted nothing of
# this one, TRUST does (1: the file that is installed says the same).
IS_MADE = r"""id=$(docker container ls -aq --no-trunc --filter "$1") || exit 2
[ -n "$id" ] || exit 0
read -r noted hash 2>/dev/null <"$2" || noted=
if [ "$noted" = "$id" ]; then [ "$hash" = "$3" ]; else [ "$4" = 1 ]; fi"""
# NAME-FILTER IMAGE: does it run on what this name means now?
RUNS = r"""id=$(docker container ls -aq --no-trunc --filter "$1") || exit 2
[ -n "$id" ] || exit 0
[ "$(docker container inspect --format '{{.Image}}' "$id")" = "$(docker image inspect --format '{{.Id}}' "$2")" ]"""
# NAME-FILTER: the container goes, what it has written outside of volumes with it. NAME-FILTER NOTE: unless it was there before this run.
REMOVE = r"""id=$(docker container ls -aq --no-trunc --filter "$1") || exit 1
[ -z "$id" ] || docker rm "$id" """
REMOVE_NEW = r"""id=$(docker container ls -aq --no-trunc --filter "$1") || exit 1
read -r noted hash 2>/dev/null <"$2" || noted=
[ -z "$id" ] || [ "$id" = "$noted" ] || docker rm "$id" """
# IMAGE MEMORY: what the name means now is remembered under another. IMAGE MEMORY: the name means that again.
REMEMBER = r"""id=$(docker image ls -q --no-trunc "$1") || exit 1
[ -z "$id" ] || docker tag "$1" "$2" """
RECALL = r"""id=$(docker image ls -q --no-trunc "$2") || exit 1
[ -z "$id" ] || docker tag "$2" "$1" """
# NAME-FILTER NOTE HASH, and the same as a question
NOTE = r"""set -eu; umask 077; mkdir -p "${2%/*}"
id=$(docker container ls -aq --no-trunc --filter "$1")
printf '%s %s\n' "$id" "$3" >"$2.new"; mv -f "$2.new" "$2" """
NOTED = r"""id=$(docker container ls -aq --no-trunc --filter "$1") || exit 2
[ "$(cat "$2" 2>/dev/null)" = "$id $3" ]"""

# others|anybody MOUNT...: who uses them? `others`: who is neither an engine nor, by its mount namespace, in a container.
NOBODY = r"""by=$1; shift
for mnt; do
  ls -l /proc/[0-9]*/cwd /proc/[0-9]*/root /proc/[0-9]*/exe /proc/[0-9]*/fd 2>/dev/null | awk -v mnt="$mnt" '
    /^\/proc\/[0-9]+\/fd:$/ { split($0, part, "/"); pid = part[3] }
    { at = index($0, " -> "); if (!at) next; to = substr($0, at + 4); one = pid }
    match($0, /\/proc\/[0-9]+\//) && RSTART < at { split(substr($0, RSTART), part, "/"); one = part[3] }
    to == mnt || index(to, mnt "/") == 1 { print one }'
done | sort -un | {
  busy=
  while read -r pid; do
    name=$(cat "/proc/$pid/comm" 2>/dev/null) || continue
    case $by:$name in others:dockerd | others:docker | others:docker-* | others:containerd*) continue ;; esac
    [ "$by" = anybody ] || [ "$(readlink "/proc/$pid/ns/mnt")" = "$(readlink /proc/$$/ns/mnt)" ] || continue
    [ "$pid" = $$ ] || busy="$busy $name($pid)"
  done
  [ -z "$busy" ] || { echo "in use by$busy" >&2; exit 1; }
}"""
# MOUNT... -- FOLDER...: folders that containers bind out of the service's own file systems.
FOLDERS_ARE = 'for folder; do [ -e "$folder" ] || exit 1; done'
FOLDERS = 'for folder; do [ -e "$folder" ] || mkdir -p -m 0755 "$folder" || exit 1; done'
UNFOLDERS = 'for folder; do rmdir "$folder" 2>/dev/null || :; done'
