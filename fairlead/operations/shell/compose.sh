# compose
# Prints the version of Compose.
docker compose version --short 2>/dev/null || docker-compose version --short 2>/dev/null
