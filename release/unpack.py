"""What fairlead.pyz runs first: it unpacks itself once into your cache, and is fairlead from there.

Compiled modules cannot be imported out of an archive. An old Python has to be able to read this
file, so that it can say what is wrong.
"""

import io
import os
import shutil
import sys
import tempfile
import zipfile

import made

ARCHIVE = sys.path[0]


def main():
    """Unpack unless that was done; then run fairlead."""
    here = " ".join((sys.implementation.cache_tag, sys.platform, os.uname().machine))
    if here != made.FOR:
        remedy = "run it with that Python, or make one for this: ./inv package in a checkout"
        fail(f"is made for {made.FOR}, and this is {here}; {remedy}")
    cache = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    folder = os.path.join(cache, "fairlead", made.DIGEST)
    try:
        if not os.path.isdir(folder):
            unpack(folder)
        owner = os.stat(folder).st_uid
    except OSError as error:
        what = f"cannot be unpacked into {folder} ({error.strerror})"
        fail(what + "; name a folder of yours in XDG_CACHE_HOME")
    if owner != os.geteuid():
        what = f"will not run what somebody else unpacked, {folder}"
        fail(what + "; name a folder of yours in XDG_CACHE_HOME")
    sys.path[0] = folder
    from fairlead.cli import fast_import  # noqa: F401 - before anything imports Invoke
    from fairlead.cli.program import main

    main()


def unpack(folder):
    """Put all in place at once: another call sees the whole of it, or nothing."""
    parent = os.path.dirname(folder)
    os.makedirs(parent, mode=0o700, exist_ok=True)
    half = tempfile.mkdtemp(dir=parent)
    try:
        with zipfile.ZipFile(ARCHIVE) as outer, zipfile.ZipFile(library(outer)) as archive:
            for entry in archive.infolist():
                os.chmod(archive.extract(entry, half), entry.external_attr >> 16)
        os.rename(half, folder)
    except OSError:
        shutil.rmtree(half, ignore_errors=True)
        if not os.path.isdir(folder):  # else another call was faster
            raise


def library(archive):
    """The archive within, in memory."""
    return io.BytesIO(archive.read("lib.zip"))


def fail(what):
    """End with 1 and one sentence."""
    sys.exit(f"fairlead: {os.path.basename(ARCHIVE)} {what}")


if __name__ == "__main__":
    main()
