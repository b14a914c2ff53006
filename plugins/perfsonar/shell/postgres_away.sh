# ROOT: the data of the old PostgreSQL makes way; the copy of the state, or the old container, has it.
rm -rf "$1/current/var/lib/postgresql" "$1/current/var/lib/pgsql"
