# Included by programs that ask the engine for an image that was built here; $engine is Docker where
# they set none.
engine=${engine:-docker}
# shellcheck disable=SC2016
about='{{range $i, $layer := .RootFS.Layers}}{{if $i}},{{end}}{{$layer}}{{end}} {{index .Config.Labels "fairlead.image.layer"}}'

# is_layer LAYERS LABEL: are the layers, with commas between them, the one that the label names?
is_layer() {
  case $2 in
    '') case $1 in *,*) return 1 ;; esac ;;
    *) [ "$1" = "$2" ] ;;
  esac
}

# of_recipe REFERENCE RECIPE: prints the IDs of what has this name and the recipe's label. Podman
# takes no name beside a filter.
of_recipe() {
  case $engine in
    podman) set -- --filter "reference=$1" --filter "label=fairlead.image.recipe=$2" ;;
    *) set -- --filter "label=fairlead.image.recipe=$2" "$1" ;;
  esac
  "$engine" image ls -q --no-trunc "$@"
}

# images_of REFERENCE RECIPE: prints the IDs of what is here of this recipe under this name, as it
# was built. 1: the engine does not answer.
images_of() {
  ids=$(of_recipe "$1" "$2") || return 1
  for id in $ids; do
    history=$("$engine" history -q "$id") || return 1
    layers=$("$engine" image inspect -f "$about" "$id") || return 1
    [ "$(printf '%s\n' "$history" | wc -l)" = 1 ] || continue
    ! is_layer "${layers%% *}" "${layers#* }" || printf '%s\n' "$id"
  done
}
