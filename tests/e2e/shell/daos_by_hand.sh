# EXAMPLES NAME=VALUE...: the .env of a checkout as a person fills it, with what its certificates are.
set -eu
examples=$1
shift
cd "$examples"
touch .env
for variable; do
  sed -i "/^${variable%%=*}=/d" .env
  printf '%s="%s"\n' "${variable%%=*}" "${variable#*=}" >>.env
done
mkdir -p secrets
for name in server agent admin; do : >"secrets/daos_$name-certs.txz"; done
cat .env
