"""An ops repository's tasks.py: two lines, and a task of its own."""

from invoke import task

from fairlead.cli.tasks import namespace

ns = namespace(globals())


@task
def greet(c, name="you", count=1):
    """Greet somebody."""
    print("hello", name, count)


@task(pre=[ns["toy.down"]])
def farewell(c):
    """Take the toy down, then say goodbye."""
    print("goodbye")
