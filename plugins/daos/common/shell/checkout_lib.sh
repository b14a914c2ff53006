# To be included by a program whose words are EXAMPLES COPY: utils/docker/examples of a checkout, and
# our copy of it.
#
# `content FOLDER` prints a digest of each file there, but for what is written into the copy.

content() {
  cd "$1" 2>/dev/null && find . -type f ! -name .env ! -name daos_server.yml \
    ! -name daos_agent.yml ! -name daos_control.yml -exec sha256sum {} + | LC_ALL=C sort
}
