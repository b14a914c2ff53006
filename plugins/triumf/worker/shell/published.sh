# ENGINE CONTAINER...: a line NAME PORTS for each container that runs, as `container ls` says its ports;
# of these CONTAINERs, before the others, also where the engine starts one anew again and again: its
# ports are its own then, whether it has them just now or not.
engine=$1
shift
ports='{{range .HostConfig.PortBindings}}{{range .}} :{{.HostPort}}->{{end}}{{end}}'
format="{{if .State.Restarting}}{{.Name}}$ports{{println}}{{end}}"
"$engine" container inspect --format "$format" "$@" 2>/dev/null | sed 's,^/,,'
"$engine" container ls --format '{{.Names}} {{.Ports}}'
