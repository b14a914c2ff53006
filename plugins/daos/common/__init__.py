"""What the components of DAOS share."""
