# Inside a container of the new image, the dump on stdin: its database holds it. What a dump of all says
# of the roles that every database has is no mistake; any other is, and the exit code is 1.
version=${PG_VERSION:-$(cd /usr/lib/postgresql && printf '%s\n' * | sort -n | tail -n 1)}
bin=${PG_BINDIR:-/usr/lib/postgresql/$version/bin} data=${PGDATA:-/var/lib/postgresql/$version/main}
conf=${PG_HOME:-/etc/postgresql/$version/main}/postgresql.conf
options="-k /tmp -c listen_addresses="
[ -f "$data/postgresql.conf" ] || [ ! -f "$conf" ] || options="$options -c config_file=$conf"
as_postgres() { su -s /bin/sh postgres -c "$1"; }
as_postgres "$bin/pg_ctl -D $data -o '$options' -l /tmp/postgres.log -w -t 120 start" </dev/null >/tmp/started 2>&1 || {
  cat /tmp/started /tmp/postgres.log >&2
  exit 1
}
as_postgres "psql -X -q -h /tmp -d postgres -f -" >/tmp/loaded 2>/tmp/said
loaded=$?
as_postgres "$bin/pg_ctl -D $data -m fast -w -t 120 stop" </dev/null >/dev/null 2>&1 || exit 1
mistakes=$(grep -E '(ERROR|FATAL|PANIC|error):' /tmp/said |
  grep -vE 'role "postgres" already exists|current user cannot be dropped|role "postgres" cannot be dropped')
if [ "$loaded" != 0 ] || [ -n "$mistakes" ]; then
  printf '%s\n' "$mistakes" | head -n 20 >&2
  exit 1
fi
