"""What the components of a Tier-1 share."""
