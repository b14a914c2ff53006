"""One Docker Swarm made of hosts, and the stacks in it."""
