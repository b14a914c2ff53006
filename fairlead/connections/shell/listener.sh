# PROGRAM
# Does the programs that are spoken to our stdin, one after another, each in a shell of its own. Before
# a program stands a line MARK SIZE; when it has ended, MARK and its exit code follow on stdout, MARK on
# stderr. Anything else is an answer to a program that has ended, and nobody's. Sent as one line, as
# lifeline.sh. A program is read whole before it is looked at; one that is cut short is no program.
unset TMOUT;
PATH=$PATH:/usr/bin:/bin;
while IFS=" " read -r fl_mark fl_size;
do
  case $fl_mark in fairlead-*) ;; *) continue ;; esac;
  fl_program=$(head -c "$fl_size");
  (eval "$fl_program");
  fl_code=$?;
  fl_program=;
  printf "%s\n" "$fl_mark" >&2;
  printf "%s %s\n" "$fl_mark" "$fl_code";
done
