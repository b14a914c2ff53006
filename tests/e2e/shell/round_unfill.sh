# FOLDER...: there is room again.
for folder; do rm -f "$folder"/.filled*; done
