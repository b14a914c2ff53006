"""Bridges, Docker networks and virtual pairs of interfaces, and how they last over a reboot."""
