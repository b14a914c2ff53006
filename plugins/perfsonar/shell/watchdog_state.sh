# TIMER FOLDER: what a watchdog did within the last hour, in words; nothing where there is none.
timer=$1 folder=$2
[ -e "$timer" ] || exit 0
number=0
[ ! -e "$folder/restarts" ] || number=$(awk -v since=$(($(date +%s) - 3600)) '$1 > since { n++ } END { print n + 0 }' "$folder/restarts")
echo "restarts within the hour: $number"
