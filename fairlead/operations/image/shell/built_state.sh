# ENGINE REFERENCE RECIPE: prints `built` where the image of this recipe is here, as it was built; `other`
# where its name is another's; `none`. Exit code 2: the engine does not answer.
# shellcheck source=images_lib.sh
. ./images_lib.sh
engine=$1
ids=$(images_of "$2" "$3") && named=$("$engine" image ls -q "$2") || exit 2
if [ -n "$ids" ]; then
  echo built
elif [ -n "$named" ]; then
  echo other
else
  echo none
fi
