# A state, printed as "WORD what there is to say", as the answer to a question. Included.

# judge STATE MENDED
# 0: the word is ok; 1: it is one of the words of MENDED; 2: it is another, and what there is to say
# goes to stderr.
judge() {
  word=${1%% *}
  [ "$word" != ok ] || exit 0
  case " $2 " in *" $word "*) exit 1 ;; esac
  echo "${1#* }" >&2
  exit 2
}
