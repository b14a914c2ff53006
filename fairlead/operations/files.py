"""A file on a host: put in place whole or not at all."""

from base64 import b64encode
from collections.abc import Iterable, Mapping

import msgspec

from fairlead.model.plan import Command, Noun, Secret, Step, either, then
from fairlead.operations.digest import sha256

# PATH MODE OWNER SHA256
IS = """[ -f "$1" ] && [ ! -h "$1" ] || exit 1
[ "$(stat -c %a:%U:%G "$1")" = "$2:$3" ] && [ "$(sha256sum <"$1")" = "$4  -" ]"""

_WHERE = """umask 077; path=$1 folder=${1%/*} base=${1##*/}
new=$folder/.$base.fairlead-new
if [ "$(id -u)" = 0 ]; then backups=/var/lib/fairlead/backups; else backups=${XDG_STATE_HOME:-$HOME/.local/state}/fairlead/$(uname -n)/backups; fi
key=$(printf %s "$path" | sha256sum); old=$backups/files/${key%% *}
"""
# PATH MODE OWNER; the content on stdin. What stood there is kept among fairlead's backups until the next change.
PUT = (
    "set -eu\n"
    + _WHERE
    + """mkdir -p "$backups/files"; [ -d "$folder" ] || mkdir -p -m 0755 "$folder"
cat >"$new"; chown "$3" "$new"; chmod "$2" "$new"
sync "$new" 2>/dev/null || sync
rm -rf "$old" "$old.none"
if [ -e "$path" ] || [ -h "$path" ]; then cp -a "$path" "$old"; else : >"$old.none"; fi
mv -fT "$new" "$path" """
)
UNPUT = (
    "set -u\n"
    + _WHERE
    + """rm -f "$new"
if [ -e "$old.none" ]; then rm -f "$path" && rm -f "$old.none"
elif [ -e "$old" ] || [ -h "$old" ]; then cp -a "$old" "$new" && mv -fT "$new" "$path" && rm -f "$old"; fi"""
)


def put(
    path: str,
    content: str | bytes,
    mode: int = 0o644,
    owner: str = "root:root",
    name: str = "",
    before: str | None = None,
) -> Step:
    """The Step that makes a file be as given: content, mode and owner (`user:group`); `path` is absolute. Undo: the old file, or none, is back.

    With `before`, what a fact found in it ("" for no such file), the difference is shown before it is made.
    Not for secrets, whose question must not name the content's sha256: see `secrets`.
    """
    return Step(
        name=name or f"file {path}",
        unless=("sh", "-c", IS, "file", path, f"{mode:o}", owner, sha256(content)),
        do=("sh", "-c", PUT, "file", path, f"{mode:o}", owner),
        undo=("sh", "-c", UNPUT, "file", path),
        stdin=content,
        diff=""
        if before is None or isinstance(content, bytes)
        else difference(before, content, path),
    )


def difference(before: str, after: str, path: str) -> str:
    """What `diff -u` would say, without lines around; "" where both are the same."""
    from difflib import unified_diff

    return "".join(
        line if line.endswith("\n") else f"{line}\n"
        for line in unified_diff(before.splitlines(True), after.splitlines(True), path, path, n=0)
    )


# Secrets: their bytes come on stdin alone, one base64 line for each file, to the question too; no hash of them stands anywhere

# PATH MODE OWNER ...: does each hold what stdin says?
HOLD = """while [ $# -gt 0 ]; do
  IFS= read -r line || exit 2
  [ -f "$1" ] && [ ! -h "$1" ] || exit 1
  [ "$(stat -c %a:%U:%G "$1")" = "$2:$3" ] || exit 1
  [ "$(printf %s "$line" | base64 -d | sha256sum)" = "$(sha256sum <"$1")" ] || exit 1
  shift 3
done"""
# PATH MODE OWNER ...: all are written beside their places before the first of them is put there.
LAY = f"""set -eu
lay() {{ while [ $# -gt 0 ]; do
{_WHERE}  IFS= read -r line || exit 2
  mkdir -p "$backups/files"; [ -d "$folder" ] || mkdir -p -m 0755 "$folder"
  printf %s "$line" | base64 -d >"$new"; chown "$3" "$new"; chmod "$2" "$new"
  sync "$new" 2>/dev/null || sync
  shift 3
done; }}
swap() {{ while [ $# -gt 0 ]; do
{_WHERE}  rm -rf "$old" "$old.none"
  if [ -e "$path" ] || [ -h "$path" ]; then cp -a "$path" "$old"; else : >"$old.none"; fi
  mv -fT "$new" "$path"
  shift 3
done; }}
lay "$@"; swap "$@" """
UNLAY = f"while [ $# -gt 0 ]; do\n( {UNPUT}\n) || exit 1\nshift 3\ndone"


class PlacedFile(Noun):
    """A file of a host; `path` is absolute, `owner` is `user:group`."""

    path: str
    value: Secret | bytes
    mode: int = 0o644
    owner: str = "root:root"

    @property
    def words(self) -> tuple[str, str, str]:
        return (self.path, f"{self.mode:o}", self.owner)

    @property
    def line(self) -> bytes:
        return (
            b64encode(self.value.reveal() if isinstance(self.value, Secret) else self.value) + b"\n"
        )


class SecretFile(PlacedFile):
    """A secret as a file of a host."""

    mode: int = 0o600


def together(
    files: Iterable[PlacedFile],
    name: str,
    after: Command | None = None,
    again: Command | None = None,
) -> Step:
    """The Step that makes files be as given, all or none; `after` is done after a change (a reload).

    Undo: the old ones are back, then `again` is done (default: `after`, which may fail there).
    """
    given = tuple(files)
    words = tuple(word for file in given for word in file.words)
    put, back = ("sh", "-c", LAY, "files", *words), ("sh", "-c", UNLAY, "files", *words)
    return Step(
        name=name,
        unless=("sh", "-c", HOLD, "files", *words),
        do=then(put, after) if after else put,
        undo=then(back, again or either(after, ("true",))) if after else back,
        stdin=b"".join(file.line for file in given),
        compares=True,
    )


def texts(
    contents: Mapping[str, str],
    name: str,
    before: Mapping[str, str],
    after: Command,
    again: Command,
) -> Step:
    """`together`, of texts that anybody may read; `before` is what a fact found in them: the difference is shown before it is made."""
    files = [PlacedFile(path, text.encode(), 0o644) for path, text in contents.items()]
    shown = "".join(difference(before.get(path, ""), text, path) for path, text in contents.items())
    return msgspec.structs.replace(together(files, name, after, again), diff=shown)


def secrets(files: Iterable[SecretFile], name: str, after: Command | None = None) -> Step:
    """`together`, of secrets: their bytes are in nothing that is shown."""
    step = together(files, name, after)
    return msgspec.structs.replace(step, stdin=Secret(step.stdin), sensitive=True)
