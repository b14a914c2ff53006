# daos_image_ids: the images of DAOS in the namings of all versions, and their IDs.

docker images --no-trunc --format '{{.Repository}}:{{.Tag}} {{.ID}}' | grep -E '^daos[-/]' | sort
