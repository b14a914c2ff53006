# A container of Podman that nobody watches any more. Included.
#
# conmon, which watches each, notes how it has ended. Where conmon was killed nobody does: Podman then
# holds it for running, or once it was stopped for stopping, whatever is asked of it, until the host
# boots; it can neither be started nor restarted.
# shellcheck source=lives_lib.sh
. ./lives_lib.sh

# ended CONTAINER
# Its main process and its conmon are gone: note its end in conmon's stead and clean up as conmon
# does (conmon(8): --exit-dir, --exit-command). The exit code of a process that nobody waited for is
# not known; that of one that was killed stands for it. 0 done; 1 there was no need, or it still runs.
ended() {
  exits=/run/libpod/exits
  about='{{.Id}} {{.State.Pid}} {{.State.Status}} {{.ConmonPidFile}}'
  about=$(podman container inspect --format "$about" "$1" 2>/dev/null) || return 1
  IFS=' ' read -r id pid state file <<END
$about
END
  case $state in running | stopping) ;; *) return 1 ;; esac
  if lives "$id" "$pid" || [ ! -d "$exits" ]; then return 1; fi
  conmon=$(cat "$file" 2>/dev/null)
  case $(tr '\0' ' ' 2>/dev/null <"/proc/${conmon:-0}/cmdline") in *"$id"*) return 1 ;; esac
  printf 137 >"$exits/$id" || return 1
  podman container cleanup "$id" >/dev/null 2>&1 || :
}
