# SERVICE: restarts it where it runs. Where it does not, the start that follows takes the files
# over. SERVICE: a unit, or ENGINE:NAME.
# shellcheck source=service_lib.sh
. ./service_lib.sh
service=$1
if runs "$service"; then tell restart "$service"; fi
