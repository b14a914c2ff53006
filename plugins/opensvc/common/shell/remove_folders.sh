# remove_folders FOLDER...: removes those that are empty. Exit code: 0.

for folder; do rmdir "$folder" 2>/dev/null || :; done
