# has_image ENGINE IMAGE
# Is there an image of this name here? (Docker lists none by a name that begins with docker.io/.) 0 yes,
# 1 no, 2 the engine does not answer.
"$1" image inspect "$2" >/dev/null 2>&1 && exit
"$1" image ls -q >/dev/null || exit 2
exit 1
