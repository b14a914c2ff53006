# daos_images: the images of DAOS: names, IDs, times of creation.

docker images --no-trunc --format '{{.Repository}}:{{.Tag}} {{.ID}} {{.CreatedAt}}' |
  grep '^daos-' | sort
