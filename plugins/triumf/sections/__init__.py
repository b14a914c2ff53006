"""The section `triumf` of a site: a module for the part of each component, `values` for texts."""
