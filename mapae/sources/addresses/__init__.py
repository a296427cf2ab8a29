"""Facts about addresses from the user's own files: read once into ranges, joined to the addresses of the records.

Nothing of a record is changed: what files say stands in tables of its own, by address and file. No place and no kind
is guessed; what the files at hand cannot tell apart stays unknown.
"""

from mapae.sources.addresses.files import AddressFile, is_licensed
from mapae.sources.addresses.recognise import recognise_address_file

__all__ = ["AddressFile", "is_licensed", "recognise_address_file"]
