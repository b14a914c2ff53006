# A docker that is none: notes where the keys lie, and takes its time over a pull.
echo "$GNUPGHOME" >"$0.home"
[ "$1" != image ] || echo n1:5000/sl6@sha256:abc
[ "$1" != pull ] || sleep 20
