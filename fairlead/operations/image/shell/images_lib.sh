# Included by programs that ask the engine for an image that was built here.

# is_layer LAYERS LABEL: are the layers, with commas between them, the one that the label names?
is_layer() {
  case $2 in
    '') case $1 in *,*) return 1 ;; esac ;;
    *) [ "$1" = "$2" ] ;;
  esac
}

# images_of REFERENCE RECIPE: prints the IDs of what is here of this recipe under this name, as it
# was built. 1: the engine does not answer.
images_of() {
  of_recipe=$(docker image ls -q --no-trunc --filter "label=fairlead.image.recipe=$2" "$1") || return 1
  for id in $of_recipe; do
    history=$(docker history -q "$id") || return 1
    layers=$(docker image inspect -f '{{join .RootFS.Layers ","}} {{index .Config.Labels "fairlead.image.layer"}}' "$id") || return 1
    [ "$(printf '%s\n' "$history" | wc -l)" = 1 ] || continue
    ! is_layer "${layers%% *}" "${layers#* }" || printf '%s\n' "$id"
  done
}
