"""The subcommands of `lagrangian`, one module each; none imports SymPy before it runs."""
