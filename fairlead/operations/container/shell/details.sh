# details ENGINE NAMES ROW-FORMAT WHICH FORMAT IMAGE-FORMAT PATH...
# What containers have that those after them may lack, a line each, by tabs, all but the name in
# base64: NAME INSPECTED IMAGE-INSPECTED VARIABLES CHANGES. NAMES, ROW-FORMAT: as look_lib.sh takes
# them; what an upgrade keeps beside a container is left out.
# WHICH: "hand": only of those that fairlead did not start, or "all". VARIABLES: "N NAME" of each that
# the image does not give; M: of several lines, Q: with a quote in it. CHANGES: of changes_lib.sh,
# without the PATHs. 2: the engine does not answer. 3: it does not tell all of a container; which one
# is the last line.
# shellcheck source=look_lib.sh
. ./look_lib.sh
# shellcheck source=changes_lib.sh
. ./changes_lib.sh
engine=$1 rows=$(look "$1" "$2" "$3") || exit 2
which=$4 format=$5 image_format=$6
shift 6
encoded() { base64 | tr -d '\n'; }

# variables CONTAINER IMAGE
variables() {
  theirs='{{range .Config.Env}}{{println (json .)}}{{end}}'
  images=$("$engine" image inspect --format "$theirs" "$2" 2>/dev/null) || images=
  own=$("$engine" container inspect --format "$theirs" "$1") || return
  printf '%s\n' "$own" | IMAGES=$images awk '
    BEGIN { n = split(ENVIRON["IMAGES"], known, "\n"); for (i = 1; i <= n; i++) image[known[i]] }
    { name = substr($0, 2); sub(/=.*/, "", name) }
    $0 == "" || $0 in image || name ~ /^(HOSTNAME|HOME|TERM|container|container_uuid)$/ { next }
    name == "PATH" && ENVIRON["IMAGES"] !~ /"PATH=/ { next }
    { print (/\\n/ ? "M" : index($0, "\047") ? "Q" : "N") " " name }'
}

tab=$(printf '\t')
printf '%s\n' "$rows" | while IFS=$tab read -r name id image row; do
  case $which$row in
    all*) ;;
    *'"fairlead.spec":'*) continue ;;
  esac
  case $name in "" | *.kept | *.previous) continue ;; esac
  {
    changes=$(changes "$engine" "$id" "$@") &&
      inspected=$("$engine" container inspect --format "$format" "$id") &&
      variables=$(variables "$id" "$image")
  } </dev/null || { echo "$engine does not tell all of the container ${name#/}" && exit 3; }
  of_image=$("$engine" image inspect --format "$image_format" "$image" 2>/dev/null) || of_image=
  printf '%s\t%s\t%s\t%s\t%s\n' "${name#/}" \
    "$(printf %s "$inspected" | encoded)" \
    "$(printf %s "$of_image" | encoded)" \
    "$(printf %s "$variables" | encoded)" \
    "$(printf '%s\n' "$changes" | head -n 5000 | encoded)"
done
