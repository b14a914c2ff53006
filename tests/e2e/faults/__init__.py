"""The random killer: upgrades into which something breaks, and whether what is said of them is so.

A round is a system, a fault and the moment at which it strikes, all drawn from a seed. After it
what the command line has said is compared with what stands on the host, which is asked from below;
then the commands that its own words name are run, until the host is well. `python -m bench.killer`
plays many and prints a table.
"""
