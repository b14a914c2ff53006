"""Commands that make an ops repository: `inv init`, `inv new-plugin`.

File = command. They stand at the root; a task of the user's own with such a name comes before it.
"""
