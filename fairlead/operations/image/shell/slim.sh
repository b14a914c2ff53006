# In the tree. PATH...: takes these away, and what installers leave behind; logs are emptied.
rm -rf -- "$@" && rm -f /usr/sbin/policy-rc.d /etc/hostname
for at in /var/cache/apt /var/lib/apt/lists /var/cache/dnf /var/cache/yum /var/cache/ldconfig; do
  rm -rf -- "${at:?}"/*
done
[ ! -d /var/log ] ||
  find /var/log -type f -exec sh -c 'for file; do : >"$file"; done' clear {} +
