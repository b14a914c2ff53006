# generation: prints which OpenSVC agent is here: legacy, 2.1, 3 or none.

# shellcheck source=generations.sh
. ./generations.sh
generation
