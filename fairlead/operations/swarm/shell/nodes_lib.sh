# Which nodes of a swarm have a label. Included.

# labelled_nodes LABEL: the IDs of those that have it. 1: the swarm does not answer.
labelled_nodes() {
  ids=$(docker node ls -q --filter "node.label=$1=yes") || return 1
  [ -z "$ids" ] || printf '%s\n' "$ids" | sort
}

# node_ids NODE...: a NODE is an ID, perhaps followed by more
node_ids() { for node; do echo "${node%% *}"; done | sort -u; }

# away LABEL: the IDs of those that have it and cannot be asked; they keep it
away() {
  docker node ls --filter "node.label=$1=yes" --format '{{.ID}} {{.Status}}' | sed -n '/ Ready$/d; s/ .*//p'
}

# label_nodes FILE LABEL NODE...: of those that are ready exactly these have it afterwards. FILE: for
# their IDs meanwhile
label_nodes() {
  file=$1 label=$2
  shift 2
  { node_ids "$@"; away "$label"; } >"$file"
  for node in $(node_ids "$@"); do
    docker node update --label-add "$label=yes" "$node" >/dev/null || return 1
  done
  labelled=$(labelled_nodes "$label") || return 1
  for node in $(printf '%s\n' "$labelled" | grep -vxF -f "$file"); do
    docker node update --label-rm "$label" "$node" >/dev/null || return 1
  done
  rm -f "$file"
}
