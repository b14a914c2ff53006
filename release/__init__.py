"""What makes a release: the files in dist/, and the bounds that they come with."""
