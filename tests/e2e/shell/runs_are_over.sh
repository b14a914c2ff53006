# Waits until no run is left on this host, 20 seconds at most.
tries=200
while [ -n "$(ls /run/fairlead/runs)" ] && [ $((tries -= 1)) -gt 0 ]; do sleep 0.1; done
