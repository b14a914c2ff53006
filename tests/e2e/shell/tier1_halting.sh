# ROOT KIB: kills the registry as soon as this much of a push has arrived; waits 30 s for that.
root=$1 kib=$2
arrived() {
  find "$root" -path "*/_uploads/*/data" -exec du -k {} + 2>/dev/null |
    cut -f1 | sort -n | tail -n 1 || echo 0
}
tries=600
until [ "$(arrived)" -ge "$kib" ] 2>/dev/null; do
  [ $((tries -= 1)) -gt 0 ] || exit
  sleep 0.05
done
pkill -9 -x docker-registr
pkill -9 -f "^/usr/bin/docker-registry serve"
