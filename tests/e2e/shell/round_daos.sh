# service|marks ENGINE STATE NAME: a DAOS server. Its service: `healthy` where a process of this very
# container listens on the control plane's port, and `release` with what its label says. Its marks:
# the lines of its pools.
engine=$2 state=$3 name=$4
case $1 in
  service)
    sockets=$(ss -Hltnp 'sport = :10001')
    for pid in $(timeout 10 "$engine" top "$name" -eo pid | tail -n +2); do
      case $sockets in *"pid=$pid,"*)
        echo healthy
        break
        ;;
      esac
    done
    label='{{index .Config.Labels "fairlead.version"}}'
    "$engine" container inspect --format "release $label" "$name"
    ;;
  marks) grep -E 'uuid|tank' "$state/server/current$state/metadata/stand-in.json" ;;
esac
