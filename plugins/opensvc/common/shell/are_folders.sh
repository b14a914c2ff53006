# are_folders FOLDER...: are all of them there? Exit codes: 0 yes; 1 no.

for folder; do [ -e "$folder" ] || exit 1; done
