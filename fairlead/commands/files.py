"""A file on a host: put in place whole or not at all."""

from hashlib import sha256

from fairlead.plan import Step

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


def put(path: str, content: str | bytes, mode: int = 0o644, owner: str = "root:root", name: str = "") -> Step:
    """The Step that makes a file be as given: content, mode and owner (`user:group`); `path` is absolute. Undo: the old file, or none, is back.

    Not for secrets: its question names the content's sha256.
    """
    return Step(
        name=name or f"file {path}",
        unless=("sh", "-c", IS, "file", path, f"{mode:o}", owner, sha256(content.encode() if isinstance(content, str) else content).hexdigest()),
        do=("sh", "-c", PUT, "file", path, f"{mode:o}", owner),
        undo=("sh", "-c", UNPUT, "file", path),
        stdin=content,
    )
