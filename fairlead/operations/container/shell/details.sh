# details ENGINE NAMES ROW-FORMAT WHICH FORMAT IMAGE-FORMAT FOLDERS PATH...
# What containers have that those after them may lack, a line each, by tabs, all but the name in
# base64: NAME INSPECTED IMAGE-INSPECTED VARIABLES CHANGES UNITS. NAMES, ROW-FORMAT: as look_lib.sh
# takes them; what an upgrade keeps beside a container is left out.
# WHICH: "hand": only of those that fairlead did not start, or "all". VARIABLES: "N NAME" of each that
# the image does not give; M: of several lines, Q: with a quote in it. CHANGES: of changes_lib.sh,
# without the PATHs. UNITS: of unit_states, of those in the FOLDERS (by blanks) that start one which
# fairlead did not start. 2: the engine does not answer. 3: it does not tell all of a container; which
# one is the last line.
# shellcheck source=look_lib.sh
. ./look_lib.sh
# shellcheck source=changes_lib.sh
. ./changes_lib.sh
# shellcheck source=units_lib.sh
. ./units_lib.sh
# shellcheck source=variables_lib.sh
. ./variables_lib.sh
engine=$1 rows=$(look "$1" "$2" "$3") || exit 2
which=$4 format=$5 image_format=$6 folders=$7
shift 7
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
      variables=$(variables "$engine" "$id" "$image")
  } </dev/null || { echo "$engine does not tell all of the container ${name#/}" && exit 3; }
  # shellcheck disable=SC2046,SC2086 # one word for each
  case $row in
    *'"fairlead.spec":'*) units='' ;;
    *) units=$(unit_states $(units "${name#/}" "$inspected" $(unit_files $folders))) ;;
  esac
  of_image=$("$engine" image inspect --format "$image_format" "$image" 2>/dev/null) || of_image=
  printf '%s\t%s\t%s\t%s\t%s\t%s\n' "${name#/}" \
    "$(printf %s "$inspected" | encoded)" \
    "$(printf %s "$of_image" | encoded)" \
    "$(printf %s "$variables" | encoded)" \
    "$(printf '%s\n' "$changes" | head -n 5000 | encoded)" \
    "$(printf %s "$units" | encoded)"
done
