# seeded ROOT PATH...
# Are all the volumes there? 0 yes, 1 no.
root=$1
shift
for path; do [ -d "$root/current$path" ] || exit 1; done
