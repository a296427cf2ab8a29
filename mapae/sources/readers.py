"""The readers: layouts of vendors that need code, in the order in which they are asked whether a file is theirs."""

from __future__ import annotations

from mapae.sources.endpoints import Endpoints
from mapae.sources.entra import Entra
from mapae.sources.google import Google
from mapae.sources.layout import Layout
from mapae.sources.ocsf import Ocsf
from mapae.sources.okta import Okta

READERS: tuple[Layout, ...] = (Okta(), Entra(), Google(), Ocsf(), Endpoints())
