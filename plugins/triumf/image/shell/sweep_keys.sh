# Takes away what a program that was killed could not: keys that it had.
for folder in /dev/shm /run; do
  find "$folder" -maxdepth 1 -name "fairlead-gpg.*" -user "$(id -u)" -exec rm -rf {} + 2>/dev/null
done
true
