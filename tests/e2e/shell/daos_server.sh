# daos_server: the server's container, whether it runs, and its version.

label='{{index .Config.Labels "fairlead.version"}}'
docker inspect --format "{{.Id}} {{.State.Running}} $label" daos-server
