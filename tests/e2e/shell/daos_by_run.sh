# COMPONENT NAME OPTION...: a server, or an agent, by docker run, with its certificates.
set -eu
exec 2>&1
component=$1 name=$2
shift 2
case $component in
  server)
    set -- "$@" -v /sys/devices/system/node:/sys/devices/system/node -v /lib/modules:/lib/modules \
      -v /dev/hugepages:/dev/hugepages
    ;;
  agent) set -- "$@" --pid=host -v agent:/var/run/daos_agent ;;
esac
docker run -d --name "$name" --net=host "$@" \
  -v "/opt/daos/secrets/daos_$component-certs.txz:/run/secrets/daos_$component-certs.txz:ro" \
  --restart=always "daos-$component:rocky8.6"
