# A stand-in for an engine with two containers: it fills in no template, it has what the real one
# answers to the questions of running.sh. FORMAT begins with what is asked for. BAD: how it fails.
tab=$(printf '\t')
case "$1 $2" in
  "--version "*) echo "Docker version 28.2.2, build 1" ;;
  "container ls")
    [ "$BAD" != down ] || { echo "Cannot connect to the daemon" >&2 && exit 1; }
    printf '%s\n' 1a 2b
    ;;
  "container inspect")
    [ "$BAD" != vague ] || exit 1
    case $4 in
      "{{.Image}}") printf 'sha256:aa\nsha256:aa\n' ;;
      C*)
        row="running${tab}sha256:aa${tab}example.org/app:1.2${tab}always"
        printf 'C\tdocker\t/app\t%s\t{"host":{"NetworkMode":"host","ShmSize":134217728},"cmd":["serve"],"labels":{"owner":"ops"},"hostname":"n1","id":"1a"}\n' "$row"
        printf 'V"%s"\n' PATH=/bin A=image "PASSWORD=sesame street" B=two=three
        printf 'C\tdocker\t/app.kept\t%s\t{"host":{},"id":"2b"}\n' "$row"
        ;;
    esac
    ;;
  "image inspect")
    printf 'I\tsha256:aa\t{"cmd":["serve"],"labels":null}\n'
    printf 'V"%s"\n' PATH=/usr/bin A=image B=two
    ;;
esac
