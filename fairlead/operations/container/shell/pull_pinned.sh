# pull_pinned ENGINE "IMAGE IMAGE@DIGEST" IMAGE
# The very image that another host resolved the name to, under our name for it.
engine=$1 resolved=$2 image=$3
[ "${resolved%% *}" = "$image" ] || exec "$engine" pull "$image"
"$engine" pull "${resolved#* }" && "$engine" tag "${resolved#* }" "$image"
