# [ROOT]: in a container of DAOS: what its image was made from. Lines, by a tab: version, that of its RPMs;
# rocky, the release of Rocky Linux; repo, key, unsigned: repositories that were added by their URLs,
# the keys that sign them, those that are used without. ROOT: for tests, of another tree than "/".
root=${1-}
version=$(rpm -q --queryformat '%{VERSION}-%{RELEASE}' daos 2>/dev/null) && printf 'version\t%s\n' "$version"
if grep -qE '^ID="?rocky"?$' "$root/etc/os-release"; then
  sed -n 's/^VERSION_ID="\{0,1\}\([0-9.]*\).*/rocky	\1/p' "$root/etc/os-release"
fi
# dnf config-manager calls a repository by its URL: others are the distribution's own
cat "$root"/etc/yum.repos.d/*.repo 2>/dev/null | awk '
  function told() {
    by_url = url
    sub(/^[a-z]*:\/\//, "", by_url)
    gsub(/[^A-Za-z0-9._-]/, "_", by_url)
    sub(/_+$/, "", by_url)
    if (url != "" && id == by_url) {
      print "repo\t" url
      if (check == "0") print "unsigned\t" url
      n = split(keys, each, " ")
      for (i = 1; i <= n; i++) if (!(each[i] in seen)) { seen[each[i]]; print "key\t" each[i] }
    }
    url = keys = check = ""
  }
  /^\[/ { told(); id = substr($0, 2); sub(/\].*/, "", id); sub(/_+$/, "", id); next }
  /^baseurl *=/ { url = $0; sub(/^[^=]*= */, "", url) }
  /^gpgkey *=/ { keys = $0; sub(/^[^=]*= */, "", keys) }
  /^gpgcheck *=/ { check = $0; sub(/^[^=]*= */, "", check) }
  END { told() }'
