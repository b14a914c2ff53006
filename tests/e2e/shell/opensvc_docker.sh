# opensvc_docker SERVICE VAR WORD...: docker of a service's own engine.

name=$1 var=$2
shift 2
DOCKER_HOST=unix://$var/$name/docker.sock docker "$@" 2>&1
