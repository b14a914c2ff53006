"""By what the processes of a session are known, wherever they run on a host."""

# A variable of their environment. A program in a container gets it by `docker exec --env SESSION`,
# and ends with the session then.
SESSION = "FAIRLEAD_SESSION"


class LastWord(bytes):
    """An answer to a program after which nothing that it does is waited for."""
