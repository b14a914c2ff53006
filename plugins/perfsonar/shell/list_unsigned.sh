# COMMAND...: what it prints, with stars for user and password of each URL. Its exit code, where it
# is not 0.
all=$("$@") || exit
printf '%s\n' "$all" | sed 's,//[^/@]*@,//***@,'
