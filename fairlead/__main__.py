"""`python -m fairlead`: what ./inv runs."""

from fairlead import lightly  # noqa: F401 - before anything imports Invoke
from fairlead.program import main

if __name__ == "__main__":
    main()
