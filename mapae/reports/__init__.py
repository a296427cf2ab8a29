"""Reports: walks along because; text is made when read."""
