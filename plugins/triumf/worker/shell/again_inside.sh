# REASON: inside a worker: a drain of this reason is given back. Exit code 1: it drains still, or
# its startd does not answer.
reason=$1
machine=$(timeout 10 condor_config_val FULL_HOSTNAME) || exit 1
draining() {
  slots=$(timeout 10 condor_status -direct "$machine" \
    -af 'ifThenElse(Draining =?= true, DrainReason ?: "no reason", "-")') && [ -n "$slots" ] ||
    return 2
  printf '%s\n' "$slots" | grep -qxF -- "$reason"
}
draining
case $? in 1) exit 0 ;; 2) exit 1 ;; esac
timeout 30 condor_drain -cancel "$machine" >/dev/null || exit 1
draining
[ $? = 1 ]
