r"""What an identifier of Windows' plug and play tells: ``USB\VID_1D6B&PID_0104\CAFEBABE``, ``DISPLAY\LNX7773\5&1a2b``."""

from __future__ import annotations

import dataclasses
import re

_USB = re.compile(r"VID_([0-9A-F]{4})(?:&PID_([0-9A-F]{4}))?", re.ASCII | re.IGNORECASE)
_STORAGE = re.compile(r"VEN_([^&\\]*)&PROD_([^&\\]*)", re.IGNORECASE)
# EDID: three letters of the maker and four hexadecimal digits of the product.
_DISPLAY = re.compile(r"(?:DISPLAY|MONITOR)\\([A-Z]{3})([0-9A-F]{4})(?:\\|$)", re.ASCII | re.IGNORECASE)
_PLAIN = re.compile(r"(?:0x)?([0-9a-f]{4})(?:[:/](?:0x)?([0-9a-f]{4}))?", re.ASCII | re.IGNORECASE)


@dataclasses.dataclass(frozen=True)
class Hardware:
    """A device as an identifier describes it.

    Args:
        kind: ``usb`` or ``display``.
        vendor_id: four hexadecimal digits, or the three letters of a maker of displays; "" where not told.
        product_id: four hexadecimal digits; "" where not told.
        vendor: maker in words, of storage alone.
        product: product in words, of storage alone.
        serial: serial number; "" where Windows made one up, which it does with ``&`` in it.
    """

    kind: str
    vendor_id: str = ""
    product_id: str = ""
    vendor: str = ""
    product: str = ""
    serial: str = ""


def hardware(identifier: str) -> Hardware | None:
    """What an identifier tells, or None where it is of no USB device or display.

    Example:
        >>> hardware("USB\\\\VID_1D6B&PID_0104\\\\CAFEBABE")
        Hardware(kind='usb', vendor_id='1d6b', product_id='0104', vendor='', product='', serial='CAFEBABE')
    """
    text = identifier.strip()
    display = _DISPLAY.search(text)
    if display:
        return Hardware("display", display[1].upper(), display[2].lower())
    parts = text.split("\\")
    storage = _STORAGE.search(text)
    if storage and parts[0].upper().startswith("USB"):
        serial = _serial(parts).removesuffix("&0")
        vendor, product = (one.replace("_", " ").strip() for one in storage.groups())
        return Hardware("usb", vendor=vendor, product=product, serial="" if "&" in serial else serial)
    usb = _USB.search(text)
    if usb:
        serial = _serial(parts)
        return Hardware("usb", usb[1].lower(), (usb[2] or "").lower(), serial="" if "&" in serial else serial)
    plain = _PLAIN.fullmatch(text)
    return Hardware("usb", plain[1].lower(), (plain[2] or "").lower()) if plain else None


def _serial(parts: list[str]) -> str:
    return parts[2].strip() if len(parts) > 2 else ""
