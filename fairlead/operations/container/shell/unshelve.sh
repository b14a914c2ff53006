# unshelve ROOT
# What shelve did, undone.
root=$1
[ -e "$root/shelved" ] || exit 0
[ -d "$root/newer" ] || mv "$(cat "$root/shelved")" "$root/newer" || exit 1
rm -f "$root/shelved"
