# A stand-in for docker: three containers, and images of two test points.
case "$1 $2" in
  "container ls") printf 'c1\nc2\nc3\n' ;;
  "container inspect")
    case $5 in
      c1) echo "/point sha256:aaa ps/point" ;;
      c2) echo "/point.previous sha256:bbb ps/point:latest" ;;
      c3) echo "/other sha256:zzz ps/point2:1" ;;
    esac ;;
  "image ls")
    printf 'sha256:aaa\tps/point:latest\nsha256:bbb\tfairlead/point:previous\n'
    printf 'sha256:bbb\tps/point:<none>\nsha256:ccc\tps/point:<none>\nsha256:ddd\tps/point2:1\n'
    printf 'sha256:eee\tdocker.io/ps/point:5.0\n' ;;
  "image inspect")
    case $4 in
      "{{.Id}}") [ "$5" = fairlead/point:previous ] && echo sha256:bbb ;;
      *) echo "1048576 2020-01-01T10:00:00.123456Z" ;;
    esac ;;
esac
