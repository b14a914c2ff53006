"""A request becomes an outcome: targets, facts, plan, leases, execution on many hosts."""
