# compose
# Prints the version of Compose; behind the word "standalone" where `docker compose` does not know
# it: then nobody who says that can use it.
docker compose version --short 2>/dev/null ||
  { alone=$(docker-compose version --short 2>/dev/null) && echo "standalone $alone"; }
