# What a registry that somebody starts by hand has on its host. Included.

# laid_out CERTIFICATE KEY AUTHORITY PASSWORDS FILE: they lie in /opt/registry/certs and in FILE; the host
# believes the authority
laid_out() {
  mkdir -p /opt/registry/certs /etc/docker/certs.d/n1:5000
  printf %s "$1" >/opt/registry/certs/domain.crt
  printf %s "$2" >/opt/registry/certs/domain.key
  printf %s "$3" >/usr/local/share/ca-certificates/by-hand.crt
  printf %s "$3" >/etc/docker/certs.d/n1:5000/ca.crt
  mkdir -p "${5%/*}"
  printf %s "$4" >"$5"
  update-ca-certificates >/dev/null
}

# answering: it does, within half a minute
answering() {
  for _ in $(seq 60); do
    ! curl -sk -o /dev/null https://n1:5000/v2/ || break
    sleep 0.5
  done
}
