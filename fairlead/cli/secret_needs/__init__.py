"""Which secrets a site needs, where each comes from, and how it is made."""
