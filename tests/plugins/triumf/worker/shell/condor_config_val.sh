# A condor_config_val that knows the machine's name alone.
[ "$*" = FULL_HOSTNAME ] && echo vn0317.tier1.lan
