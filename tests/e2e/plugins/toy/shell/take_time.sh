# Takes its time: at most $1 seconds, less once somebody has made the file $2.
end=$(($(date +%s) + $1))
while [ ! -e "$2" ] && [ "$(date +%s)" -lt "$end" ]; do sleep 0.2; done
