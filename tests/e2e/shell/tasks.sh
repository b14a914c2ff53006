# CONTAINER: how many tasks are scheduled. Images before 5.0 ask as root, later ones as postgres.
query='SELECT count(*) FROM task'
docker exec "$1" psql -tAc "$query" 2>/dev/null ||
  docker exec --user postgres "$1" psql -tAc "$query"
