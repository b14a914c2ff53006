# volume_group NAME: is there a volume group of this name? What vgs says of it goes to stdout.
#
# Exit codes: that of vgs; 2 there is no vgs.

command -v vgs >/dev/null 2>&1 || {
  echo "vgs is not there"
  exit 2
}
vgs --noheadings -o vg_name "$1" 2>&1
