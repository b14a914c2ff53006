# opensvc_vgs: a vgs that knows every volume group, for there is no LVM in the lab.

# shellcheck disable=SC2016
printf '#!/bin/sh\necho " $4"\n' >/usr/local/bin/vgs
chmod 755 /usr/local/bin/vgs
