# ROOT MATCH: prints a table of the images that the registry below ROOT has and whose NAME:TAG holds
# MATCH. Read from its files: the API has no search, and tells no sizes. Exit code 1: none matches,
# 2: there is no such registry.
root=$1/docker/registry/v2 match=$2

# blob DIGEST: prints the file in which it lies.
blob() {
  printf '%s/blobs/%s/%.2s/%s/data' "$root" "${1%%:*}" "${1#*:}" "${1#*:}"
}

# Prints a line for each tag that is no signature: repository, tag, bytes of its layers, when its
# image was made, digest.
tags() {
  [ -d "${root%/docker/registry/v2}" ] || {
    echo "there is no ${root%/docker/registry/v2}" >&2
    exit 2
  }
  find "$root/repositories" -path '*/_manifests/tags/*/current/link' 2>/dev/null | sort |
    while read -r link; do tag_of "$link"; done
}

# tag_of LINK: the line of one tag.
tag_of() {
  link=$1
  name=${link#"$root"/repositories/} tag=${link%/current/link}
  name=${name%%/_manifests/*} tag=${tag##*/}
  case $name:$tag in
    *:sha256-*.sig) return 0 ;;
    *"$match"*) ;;
    *) return 0 ;;
  esac
  digest=$(cat "$link")
  manifest=$(blob "$digest")
  [ -f "$manifest" ] || return 0
  flat=$(tr -d ' \n\t' <"$manifest")
  bytes=$(printf %s "$flat" | grep -o '"size":[0-9]*' | cut -d: -f2 |
    awk '{ sum += $1 } END { printf "%d", sum }')
  config=$(printf %s "$flat" | sed -n 's/.*"config":{[^}]*"digest":"\([^"]*\)".*/\1/p')
  made=$(tr -d '\n' 2>/dev/null <"$(blob "$config")" |
    grep -o '"created":"[0-9T:-]*' | head -n 1 | cut -d'"' -f4)
  printf '%s %s %s %s %s\n' "$name" "$tag" "$bytes" "${made:-unknown}" "$digest"
}

# Lines of `tags` on stdin: with days since an image was made, `?` where that is not known.
aged() {
  now=$(date +%s)
  while read -r name tag bytes made digest; do
    if since=$(date +%s -d "${made}Z" 2>/dev/null); then
      days=$(((now - since) / 86400))
    else
      days='?'
    fi
    printf '%s %s %s %s %.19s\n' "$name" "$tag" "$bytes" "$days" "$digest"
  done
}

# Lines of `aged` on stdin, as a table for people.
table() {
  awk '
    function row(name, tag, size, age, digest) {
      n++; names[n] = name; tags[n] = tag; rest[n] = sprintf("%10s  %9s  %s", size, age, digest)
      if (length(name) > wide) wide = length(name)
      if (length(tag) > broad) broad = length(tag)
    }
    BEGIN { row("REPOSITORY", "TAG", "SIZE", "AGE", "DIGEST") }
    { row($1, $2, sprintf("%.1f MB", $3 / 1e6), $4 " days", $5) }
    END {
      for (i = 1; i <= n; i++) printf "%-" wide "s  %-" broad "s  %s\n", names[i], tags[i], rest[i]
    }'
}

lines=$(tags) || exit
[ -n "$lines" ] || {
  echo 'no image matches' >&2
  exit 1
}
printf '%s\n' "$lines" | aged | table
