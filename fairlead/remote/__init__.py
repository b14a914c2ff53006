"""What runs on a host: programs, transactions, events, following."""
