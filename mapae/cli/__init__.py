"""The command line: the only room that prints, asks and exits.

In: words a person typed. Out: text for that person and one of four exit codes.
It decides nothing: every command is a call into a room below. Rooms are imported when a command needs them.
"""
