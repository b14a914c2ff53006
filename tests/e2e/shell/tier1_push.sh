# REFERENCE: pushes a test point under this name.
docker pull -q perfsonar/testpoint >/dev/null && docker tag perfsonar/testpoint "$1" &&
  docker push -q "$1" 2>&1
