"""Assessment: how likely an operator is misrepresented, from levels of families; see design in docs."""
