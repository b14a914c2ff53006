# A container that a restart of the engine must not end: it listens on port 4080.
docker pull -q perfsonar/testpoint >/dev/null
docker run -d --name worker --entrypoint httpd perfsonar/testpoint -f -p 4080
