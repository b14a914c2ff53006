# make_folders FOLDER...: makes those that are not there.

# shellcheck disable=SC2174
for folder; do [ -e "$folder" ] || mkdir -p -m 0755 "$folder" || exit 1; done
