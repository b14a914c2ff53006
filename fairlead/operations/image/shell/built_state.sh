# REFERENCE RECIPE: prints `built` where the image of this recipe is here, as it was built; `other`
# where its name is another's; `none`. Exit code 2: the engine does not answer.
# shellcheck source=images_lib.sh
. ./images_lib.sh
ids=$(images_of "$1" "$2") && named=$(docker image ls -q "$1") || exit 2
if [ -n "$ids" ]; then
  echo built
elif [ -n "$named" ]; then
  echo other
else
  echo none
fi
