# swarm_answers: waits until the manager has found itself again.

tries=60
until docker node ls >/dev/null 2>&1 || [ $((tries -= 1)) = 0 ]; do sleep 0.5; done
