"""The command line: `lintas`."""
