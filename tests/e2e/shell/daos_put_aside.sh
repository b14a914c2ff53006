# FOLDER: what was built in fairlead's folder becomes a checkout that somebody has filled in by hand,
# with its certificates; images stay, and nothing else of fairlead's.
set -eu
examples=/opt/daos/utils/docker/examples
rm -rf /opt/daos
mkdir -p "${examples%/*}"
mv "$1/examples" "$examples"
mv "$1/secrets" /opt/daos/secrets
sed -i "s,$1/secrets,/opt/daos/secrets,; /^COMPOSE_IGNORE_ORPHANS/d" "$examples/.env"
rm -rf "$1" /var/lib/fairlead/*
