# ENGINE FOLDER CONTAINER: undoes logs.sh; logs that are there stay.
engine=$1 folder=$2 container=$3
"$engine" rm -f -v "$container" >/dev/null 2>&1
rmdir "$folder" 2>/dev/null
:
