"""Where hosts and groups are known already: what `inv site.import` reads, and what `@NAME:GROUP`
asks (docs/import.md).
"""

sources = ("ansible", "ssh_config", "clustershell", "genders", "xcat", "slurm", "command")
