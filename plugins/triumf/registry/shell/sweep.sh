# PROGRAM CONFIG SERVICE [--delete-untagged]: takes away what no image needs. The service is stopped
# meanwhile: nobody pushes, or what is half pushed would be swept too.
program=$1 config=$2 service=$3 untagged=$4
was=''
! systemctl is-active -q "$service" || was=up
[ -z "$was" ] || systemctl stop "$service" || exit 1
output=$("$program" garbage-collect ${untagged:+"$untagged"} "$config" 2>&1)
rc=$?
printf '%s\n' "$output" | tail -n 1 >&2
[ -z "$was" ] || systemctl start "$service" || exit 1
exit $rc
