"""`python -m fairlead`: what ./inv runs."""

from fairlead.cli import fast_import  # noqa: F401 - before anything imports Invoke
from fairlead.cli.program import main

if __name__ == "__main__":
    main()
