# repository URL...: prints the versions of the package daos in these repositories of RPMs, one a
# line; `! WHY` for each that could not be read. Changes nothing. Exit 0.

fetch() { curl -fsSL --max-time 20 "$1"; }

# unpack NAME: stdin as the name of the file says that it is packed
unpack() {
  case $1 in
    *.gz) gzip -dc ;;
    *.xz) xz -dc ;;
    *.zst) zstd -dc ;;
    *) cat ;;
  esac
}

# versions: those of daos in a list of packages (primary.xml)
versions() {
  awk 'BEGIN { RS = "<" }
    /^name>/ { is_daos = ($0 == "name>daos") }
    is_daos && /^version / {
      version = release = $0
      sub(/.* ver="/, "", version); sub(/".*/, "", version)
      sub(/.* rel="/, "", release); sub(/".*/, "", release)
      print version "-" release
    }'
}

command -v curl >/dev/null 2>&1 || { echo '! this host has no curl'; exit 0; }
for url; do
  url=${url%/}
  if ! index=$(fetch "$url/repodata/repomd.xml" 2>&1); then
    printf '! %s: %s\n' "$url" "$(printf '%s\n' "$index" | tail -n 1)"
    continue
  fi
  place=$(printf '%s' "$index" | tr '>' '\n' |
    sed -n 's/.*href="\([^"]*primary\.xml[^"]*\)".*/\1/p' | head -n 1)
  known=$(fetch "$url/$place" 2>/dev/null | unpack "$place" 2>/dev/null | versions)
  if [ -n "$known" ]; then
    printf '%s\n' "$known"
  else
    printf '! %s: no package daos could be read in it\n' "$url"
  fi
done
