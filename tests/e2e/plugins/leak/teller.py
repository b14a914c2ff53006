"""The token that people give, and two secrets that are made: a root, and a leaf of it. They land in
/etc/leak."""

from fairlead.api import (
    Ask,
    Fact,
    Secret,
    SecretFile,
    SecretSpec,
    Session,
    Status,
    Step,
    hookimpl,
    script,
    verb,
)
from fairlead.api import files as host_files

TOKEN, LEAF = "/etc/leak/token", "/etc/leak/leaf"

sh = script.beside(__file__)


def _make_root(parts):
    import secrets

    return Secret(secrets.token_urlsafe(40))


def _make_leaf(parts):
    import secrets

    return Secret(f"{secrets.token_urlsafe(30)}\n{parts['leak.root'].reveal().decode()[::-1]}\n")


@hookimpl
def facts(ask: Ask):
    yield Fact(
        "token", ("sh", "-c", '[ -e "$1" ] && cat "$1"', "fact", TOKEN), lambda code, text: text
    )


@hookimpl
def needs(ask: Ask):
    if ask.verb in ("up", "secrets", "aloud", "slow"):
        yield SecretSpec(
            name=ask.section.token,
            about="what is told",
            path=TOKEN,
            mode=0o640,
            owner="root:daemon",
        )
        yield SecretSpec(
            name="leak.leaf",
            about="made of the root",
            path=LEAF,
            make=_make_leaf,
            of=("leak.root",),
        )
    if ask.verb == "secrets":
        yield SecretSpec(name="leak.root", about="of the leaf", make=_make_root)


def _files(ask: Ask) -> Step:
    files = [
        SecretFile(TOKEN, ask.secrets[ask.section.token], 0o640, "root:daemon"),
        SecretFile(LEAF, ask.secrets["leak.leaf"]),
    ]
    return host_files.secrets(files, "files")


@hookimpl
def up(ask: Ask):
    return [_files(ask), Step(name="tell", do=sh("aloud", TOKEN), progress=True)]


@hookimpl
def secrets(ask: Ask):
    return [_files(ask)]


@hookimpl
def down(ask: Ask):
    return [Step(name="gone", do=("rm", "-rf", "/etc/leak"))]


@hookimpl
def status(ask: Ask):
    return Status(True, (("token", ask.facts["token"]),))


@hookimpl
def logs(ask: Ask):
    return Session(sh("aloud", TOKEN))


@hookimpl
def exec_(ask: Ask):
    return Session(ask.argv)


@verb
def aloud(ask: Ask):
    """Fail, and say all of it: first what stdin brought, then what lies in the file."""
    step = Step(
        name="aloud",
        do=sh("aloud_and_fail", TOKEN),
        progress=True,
    )
    return [_files(ask), step]


@verb
def stdin(ask: Ask):
    """Fail, and say what came on stdin."""
    return [
        Step(
            name="stdin",
            do=("sh", "-c", "cat; exit 1"),
            stdin=Secret("Jr4-given-to-a-careless-step"),
        )
    ]


@verb
def slow(ask: Ask):
    """Take a while with a secret in hand."""
    wait = Step(
        name="wait",
        do=("sh", "-c", 'cat >"$1"; sleep 3; exit 0', "wait", "/dev/null"),
        stdin=ask.secrets[ask.section.token],
        sensitive=True,
    )
    return [_files(ask), wait]
