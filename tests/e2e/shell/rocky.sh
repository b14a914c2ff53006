# rocky TAG PROGRAM WORD WORD: runs a program of bash in rockylinux, and says how it ended.

docker pull -q "rockylinux/rockylinux:$1" >/dev/null
docker run --rm --entrypoint bash "rockylinux/rockylinux:$1" -c "$2" bash "$3" "$4" 2>&1
echo "exit $?"
