# To be included. `sessions ENGINE SERVICE` prints the IDs of the containers in which somebody has a
# session (`docker compose run`) of this Compose service open; from DAOS 2.4.1 on the service of a
# client has its mode behind its name (daos_client_sa).

sessions() {
  for name in "$2" "$2_bm" "$2_sa" "$2_gt"; do
    "$1" container ls -q --filter label=com.docker.compose.oneoff=True \
      --filter "label=com.docker.compose.service=$name" || return
  done
}
