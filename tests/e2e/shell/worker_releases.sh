# NAME...: prints which release each worker runs.
for name; do
  echo "$name $(docker exec "$name" cat /etc/condor/release 2>&1)"
done
