"""Every task of fairlead; your own @task functions stand below these two lines."""

from fairlead.cli.tasks import namespace

ns = namespace(globals())
