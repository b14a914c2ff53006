# To be included. `sessions ENGINE SERVICE` prints the IDs of the containers in which somebody has a
# session (`docker compose run`) of this Compose service open.

sessions() {
  "$1" container ls -q --filter label=com.docker.compose.oneoff=True \
    --filter "label=com.docker.compose.service=$2"
}
