"""Worlds: simulated platforms with known truth; truth/ is read here alone."""
