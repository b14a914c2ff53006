# What the registry answers to whoever asks without a password.
curl -s --cacert /etc/docker/registry/ca.crt -o /dev/null -D - https://n1:5000/v2/ |
  grep -i -e HTTP -e www-auth | tr -d '\r'
