# service_files: every service that the agent of this node has a file of, a line each:
# GENERATION NAME FILE-IN-BASE64. Nothing where there is no agent. What the agent keeps of the node
# and of the cluster is left out: it holds keys.

# shellcheck source=generations.sh
. ./generations.sh
case $(generation) in
  legacy) files='/opt/opensvc/etc/*.env' ;;
  2.1 | 3) files='/etc/opensvc/*.conf' ;;
  *) exit 0 ;;
esac
for file in $files; do
  name=${file##*/}
  name=${name%.*}
  case $name in cluster | node | "*") continue ;; esac
  printf '%s %s %s\n' "$(generation)" "$name" "$(base64 <"$file" | tr -d '\n')"
done
