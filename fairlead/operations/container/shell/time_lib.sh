# Included. TIME is a pattern: when a thing was made, as `date -u +%Y%m%dT%H%M%SZ` says it in its name.
# shellcheck disable=SC2034 # read where it is included
TIME='[0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9]T[0-9][0-9][0-9][0-9][0-9][0-9]Z'
