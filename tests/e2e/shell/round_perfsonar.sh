# service|marks ENGINE STATE NAME: a test point. Its service: `healthy` where pScheduler answers
# inside, and `release` with what runs. Its marks: scheduled tests, remotes and digests of files, as
# they lie on the disk.
engine=$2 current=$3/current name=$4
agent=$current/etc/perfsonar/psconfig/pscheduler-agent.json
case $1 in
  service)
    asked='pscheduler ping localhost >/dev/null 2>&1 && echo healthy; pscheduler version'
    timeout 15 "$engine" exec "$name" sh -c "$asked" |
      awk '$0 == "healthy" { print; next } !n++ { print "release", $2 }'
    ;;
  marks)
    cut -d'|' -f1 "$current/var/lib/postgresql/14/main/pscheduler/task" || exit 0
    grep -o 'https*://[^"]*' "$agent"
    sha256sum "$current/etc/perfsonar/psconfig/archives.d/mark.json" "$agent"
    ;;
esac
