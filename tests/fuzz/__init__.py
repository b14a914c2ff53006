"""Input that nobody would write: site files, output of hosts, command lines. Whatever comes is
understood or refused in a sentence. FAIRLEAD_FUZZ=20 tries twenty times as many."""
