# Which files of systemd start a container. Included.

# unit_files FOLDER...
# Prints the units and quadlets in the folders that have to do with an engine.
unit_files() {
  for folder; do
    for file in "$folder"/*.service "$folder"/*.container; do
      if [ -f "$file" ] && grep -qE 'docker|podman|^Image=' "$file"; then printf '%s\n' "$file"; fi
    done
  done
}

# label TEXT NAME
# Prints a label of Compose's out of what `inspect` says of a container.
label() {
  printf '%s\n' "$1" | sed -n "s/.*\"com\.docker\.compose\.project\.$2\":\"\([^\"]*\)\".*/\1/p"
}

# units NAME TEXT FILE...
# Prints the files in which a container's name stands as a word, or that start its Compose project:
# by its files, or without any in its folder. TEXT: what `inspect` says of the container.
units() {
  wanted=$1 folder=$(label "$2" working_dir) configs=$(label "$2" config_files)
  shift 2
  [ $# -eq 0 ] || NAME=$wanted FOLDER=$folder CONFIGS=$configs awk '
    BEGIN {
      folder = ENVIRON["FOLDER"]
      n = split(ENVIRON["CONFIGS"], words, ",")
      for (i = 1; i <= n; i++) configs[words[i]]
    }
    /compose/ { composes[FILENAME] }
    {
      gsub(/[="\047\\\t]/, " ")
      for (i = 1; i <= NF; i++) {
        if ($i == ENVIRON["NAME"]) named[FILENAME]
        if (folder != "" && ($i == folder || $i == folder "/")) within[FILENAME]
        if ($i != "-f" && $i != "--file") continue
        chosen[FILENAME]
        if ($(i + 1) in configs || folder "/" $(i + 1) in configs) its[FILENAME]
      }
    }
    END {
      for (i = 1; i < ARGC; i++) {
        file = ARGV[i]
        ours = file in its || (file in within && !(file in chosen))
        if (file in named || (file in composes && ours)) print file
      }
    }' "$@"
}

# unit_states FILE...
# Prints UNIT ENABLED ACTIVE of each that runs or would at boot, as systemctl(1) says it; the unit of
# a quadlet is generated. Ours start what fairlead has started.
unit_states() {
  for file; do
    unit=${file##*/}
    unit=${unit%.*}.service
    case $unit in fairlead-*) continue ;; esac
    enabled=$(systemctl is-enabled "$unit" 2>/dev/null | head -n 1)
    active=$(systemctl is-active "$unit" 2>/dev/null | head -n 1)
    case "${enabled:-unknown} ${active:-unknown}" in
      enabled* | generated* | *' active' | *' activating') ;;
      *) continue ;;
    esac
    printf '%s %s %s\n' "$unit" "${enabled:-unknown}" "${active:-unknown}"
  done
}
