# task STACK
# Prints "ID|STATE|IMAGE" of its containers on this host, those that run first.
docker ps -a --no-trunc --filter "label=com.docker.stack.namespace=$1" --format '{{.ID}}|{{.Status}}|{{.Image}}' |
  awk -F'|' '/\|Up/ { print; next } { left[++n] = $0 } END { for (i = 1; i <= n; i++) print left[i] }'
