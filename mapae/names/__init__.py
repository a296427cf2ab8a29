"""Names: a name as text becomes a structured form, and two forms are compared."""
