# Inside a worker: prints its version of HTCondor (`version 23.9.6`), whose EXECUTE is (`execute USER`),
# then each setting that is none of HTCondor's defaults, as NAME = VALUE. Exit code 1: not known.
version=$(timeout 10 condor_version) || exit 1
printf '%s\n' "$version" | sed -n 's/^.CondorVersion: \([0-9.]*\).*/version \1/p'
folder=$(timeout 10 condor_config_val EXECUTE) &&
  printf 'execute %s\n' "$(stat -c %U "$folder" 2>/dev/null)"
timeout 20 condor_config_val -summary | grep -E '^[A-Za-z_][A-Za-z0-9_.]* ?='
