# What lies below a registry's root. Included by programs that set $store: ROOT/docker/registry/v2.

# repositories: prints their names
repositories() {
  # shellcheck disable=SC2154 # set by who includes it
  find "$store/repositories" -type d -name _manifests 2>/dev/null |
    while read -r folder; do
      name=${folder#"$store"/repositories/}
      printf '%s\n' "${name%/_manifests}"
    done
}

# blob_file DIGEST: prints where its content lies
blob_file() {
  printf '%s/blobs/%s/%.2s/%s/data' "$store" "${1%%:*}" "${1#*:}" "${1#*:}"
}

# links NAME: prints what its manifests are to each other, a line each: `manifest DIGEST`, `tag
# DIGEST`, `refers DIGEST DIGEST`, `subject DIGEST` (it belongs to one that it refers to), `lost
# DIGEST` (its content is not there)
links() {
  for link in "$store/repositories/$1"/_manifests/revisions/*/*/link; do
    [ -f "$link" ] || continue
    link=${link%/link}
    hexes=${link##*/} link=${link%/*}
    links_of_manifest "${link##*/}:$hexes"
  done
  for link in "$store/repositories/$1"/_manifests/tags/*/current/link; do
    [ ! -f "$link" ] || printf 'tag %s\n' "$(cat "$link")"
  done
}

# links_of_manifest DIGEST
links_of_manifest() {
  printf 'manifest %s\n' "$1"
  file=$(blob_file "$1")
  if [ -f "$file" ]; then
    flat=$(tr -d ' \n\t\r' <"$file")
    printf %s "$flat" | grep -o '"digest":"[a-z0-9]*:[0-9a-f]*"' | cut -d'"' -f4 |
      sed "s/^/refers $1 /"
    case $flat in *'"subject":{'*) printf 'subject %s\n' "$1" ;; esac
  else
    printf 'lost %s\n' "$1"
  fi
}

# unneeded: lines of `links` on stdin: prints the manifests that have no tag, and that none with a
# tag needs: the parts of an image for several machines have no tag of their own. Nothing where a
# needed one is lost: what it was made of is not known.
unneeded() {
  awk '
    $1 == "manifest" { manifests[$2] = 1 }
    $1 == "tag" { needed[$2] = 1 }
    $1 == "refers" { n++; from[n] = $2; to[n] = $3 }
    $1 == "subject" { belongs[$2] = 1 }
    $1 == "lost" { lost[$2] = 1 }
    END {
      do {
        more = 0
        for (i = 1; i <= n; i++) {
          if ((from[i] in needed) && !(to[i] in needed)) { needed[to[i]] = 1; more = 1 }
          if ((from[i] in belongs) && (to[i] in manifests) && (to[i] in needed) &&
            !(from[i] in needed)) { needed[from[i]] = 1; more = 1 }
        }
      } while (more)
      for (digest in lost) if (digest in needed) exit
      for (digest in manifests) if (!(digest in needed)) print digest
    }'
}

# untagged: prints `NAME DIGEST` for each manifest that nothing with a tag needs
untagged() {
  repositories | while read -r name; do
    links "$name" | unneeded | sed "s|^|$name |"
  done
}

# forget NAME DIGEST: the repository has no such manifest any more
forget() {
  manifests=$store/repositories/$1/_manifests
  rm -rf "$manifests"/tags/*/index/"${2%%:*}/${2#*:}" "$manifests/revisions/${2%%:*}/${2#*:}"
}

# half_pushed: prints the folder of each upload that nobody writes to at the moment
half_pushed() {
  # shellcheck disable=SC2010 # names of numbers
  open_files=$(ls -l /proc/[0-9]*/fd 2>/dev/null | grep -F -e "-> $store/")
  find "$store/repositories" -type d -path '*/_uploads/*' -prune 2>/dev/null |
    while read -r folder; do
      case $open_files in *"-> $folder/"*) ;; *) printf '%s\n' "$folder" ;; esac
    done
}
