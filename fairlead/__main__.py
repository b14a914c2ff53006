"""`python -m fairlead`: what ./inv runs."""

from fairlead.program import main

main()
