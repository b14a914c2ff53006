# ENGINE REFERENCE RECIPE: is there an image of this recipe here, as it was built? Exit code 0: yes, 1: no,
# 2: the engine does not answer.
# shellcheck source=images_lib.sh
. ./images_lib.sh
engine=$1
ids=$(images_of "$2" "$3") || exit 2
[ -n "$ids" ]
