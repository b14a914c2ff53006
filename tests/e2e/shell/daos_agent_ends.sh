# daos_agent_ends FOLDER: the agent that daos_agent started ends.

[ ! -e "$1/agent.pid" ] || kill "$(cat "$1/agent.pid")"
rm -f "$1/agent.pid"
tries=50
while [ -S "$1/run/daos_agent/daos_agent.sock" ] && [ $((tries -= 1)) -gt 0 ]; do sleep 0.1; done
