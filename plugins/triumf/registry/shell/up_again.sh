# SERVICE: starts it where it is enabled; a container where it is there. SERVICE: a unit, or
# ENGINE:NAME.
# shellcheck source=service_lib.sh
. ./service_lib.sh
service=$1
case $service in
  *:*) "${service%%:*}" container inspect "${service#*:}" >/dev/null 2>&1 || exit 0 ;;
  *) systemctl is-enabled -q "$service" || exit 0 ;;
esac
tell start "$service"
