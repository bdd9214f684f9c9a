"""What the command `w2v` can do: a module a command, with `add_to` to make it known to the parser."""
