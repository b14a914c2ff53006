# An ip that is none: $EXISTS is 0 where there is such a bridge, $ADDRESS what it has.
case $1 in link) exit "$EXISTS" ;; esac
[ -z "$ADDRESS" ] || echo "2: $6 inet $ADDRESS"
