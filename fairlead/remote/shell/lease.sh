# A lease says who works on a system of this host between transactions. Lines: run, who, since, what for, expires (epoch seconds).
fl_others() { # SYSTEM RUN: is there a lease of another run, still good? L names the file that says whose
  L=$S/leases/$1
  [ -f "$L" ] || return 1
  { read -r holder && read -r rest && read -r rest && read -r rest && read -r until_when; } <"$L" || return 1
  [ "$holder" != "$2" ] && [ "$until_when" -gt "$(date +%s)" ] 2>/dev/null
}

fl_free() { # SYSTEM RUN: may this run have it? else L names the file that says who has it
  fl_others "$1" "$2" && return 1
  L=$V/locks/$1
  [ ! -e "$L" ] || flock -n "$L" true
}

fl_write_lease() { # SYSTEM RUN WHO FOR SECONDS
  printf '%s\n%s\n%s\n%s\n%s\n' "$2" "$3" "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$4" $(($(date +%s) + $5)) >"$S/leases/.$1.new" && mv "$S/leases/.$1.new" "$S/leases/$1"
}

fl_lease() { # SYSTEM RUN WHO FOR SECONDS: take or renew it, or tell the reader whose it is
  exec 5>>"$V/locks/.leases"
  flock -w 10 5 || fl_refuse "the list of leases has been locked for 10 s"
  if fl_free "$1" "$2"; then
    fl_write_lease "$@" || fl_refuse "the lease could not be written to $S/leases (is the disk full?)"
    printf '%s lease %s taken\n' "$MARK" "$1"
  else
    printf '%s lease %s held %s\n' "$MARK" "$1" "$(fl_text "$L")"
  fi
  exec 5>&-
}

fl_leases() { # every lease that is still good, to the reader
  for l in "$S"/leases/*; do
    if fl_others "${l##*/}" ""; then printf '%s lease %s held %s\n' "$MARK" "${l##*/}" "$(fl_text "$l")"; fi
  done
}

fl_release() { # SYSTEM RUN: give it back if it is ours ("any" run: whoever has it)
  exec 5>>"$V/locks/.leases"
  flock -w 10 5
  holder=
  [ ! -f "$S/leases/$1" ] || read -r holder <"$S/leases/$1"
  if [ "$2" = any ] || [ "$holder" = "$2" ]; then rm -f "$S/leases/$1"; fi
  exec 5>&-
}
