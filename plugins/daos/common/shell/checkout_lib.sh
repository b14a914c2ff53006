# To be included by a program whose words are EXAMPLES COPY: utils/docker/examples of a checkout, and
# our copy of it.
#
# `content FOLDER` prints a digest of each file there, but for what is written into the copy, and of
# compose files without the line that is left out of it.

content() {
  cd "$1" 2>/dev/null && {
    find . -type f ! -name .env ! -name daos_server.yml ! -name daos_agent.yml \
      ! -name daos_control.yml ! -name 'docker-compose.*.yml' -exec sha256sum {} +
    find . -name 'docker-compose.*.yml' | LC_ALL=C sort | while read -r file; do
      printf '%s %s\n' "$(sed '/^version:/d' "$file" | sha256sum)" "$file"
    done
  } | LC_ALL=C sort
}
