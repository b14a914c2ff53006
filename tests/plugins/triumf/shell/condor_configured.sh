# Tools by their first word: a docker in which vn0317 runs alone, and the programs of an HTCondor 23.9.6.
tool=$1
shift
case $tool in
  docker)
    case $1 in
      container) echo vn0317 ;;
      exec)
        shift 2
        "$@"
        ;;
    esac
    ;;
  condor_version) printf '$%s: %s $\n' CondorVersion '23.9.6 2024-08-08 BuildID: Debian' ;;
  condor_config_val)
    case $1 in
      EXECUTE) echo "$EXECUTE" ;;
      *) printf '# Configuration from machine: vn0317\n\n#\n# from /etc/condor/config.d/50\n#\nSTART = TRUE\nNUM_CPUS = 4\n' ;;
    esac
    ;;
esac
