# NAME: prints yes where a worker's container has condor's master and startd.
for process in condor_master condor_startd; do
  timeout 10 docker top "$1" -eo pid,comm 2>/dev/null | grep -q "$process" || exit 0
done
echo yes
