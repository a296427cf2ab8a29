"""Benchmarks: what Mapae costs in time and memory, and how well its model is calibrated, printed as tables.

In: the project itself, simulated worlds, and official lists where they are at hand. Out: text on the terminal.
Nothing here is a test and nothing fails for being slow: a figure is printed beside its goal and the machine it ran on.
"""
