# swarm_dies SERVICE: from now on its tasks die again and again, and nothing brings the old ones back.
docker service update --detach --update-order stop-first --update-failure-action continue \
  --restart-delay 1s --args 'sh -c "sleep 1; exit 3"' "$1" >/dev/null
sleep 15
