"""Commands about an ops repository as a whole, such as `inv init` and `inv bundle`.

File = command. They stand at the root; a task of the user's own with such a name comes before it.
"""
