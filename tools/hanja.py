"""Makes ``mapae/catalogue/names/hanja.csv`` and ``hanja_variants.csv`` from Unicode's Unihan database.

    python tools/hanja.py FOLDER

FOLDER holds Unihan_Readings.txt, Unihan_Variants.txt and Unihan_OtherMappings.txt (https://www.unicode.org/ucd/). Kept are
characters that kHangul gives a reading for, and their simplified, Japanese and compatibility forms. Run once.
"""

from __future__ import annotations

import re
import sys
import unicodedata
from collections import defaultdict
from pathlib import Path

NAMES = Path(__file__).resolve().parent.parent / "mapae" / "catalogue" / "names"
# The permission notice is Unicode's own text: its terms ask that it go with every copy of the data.
NOTICE = """\
# {title}
# From the Unihan database, Unicode {version}: {fields}; changed: fields joined, tones and flags dropped. Made by tools/hanja.py.
# cites: [unihan]
# mark: sourced
#
# COPYRIGHT AND PERMISSION NOTICE
# Copyright (c) 1991-2021 Unicode, Inc. All rights reserved.
# Distributed under the Terms of Use in https://www.unicode.org/copyright.html.
# Permission is hereby granted, free of charge, to any person obtaining a copy of the Unicode data files and any associated
# documentation (the "Data Files") or Unicode software and any associated documentation (the "Software") to deal in the Data
# Files or Software without restriction, including without limitation the rights to use, copy, modify, merge, publish,
# distribute, and/or sell copies of the Data Files or Software, and to permit persons to whom the Data Files or Software are
# furnished to do so, provided that either (a) this copyright and permission notice appear with all copies of the Data Files or
# Software, or (b) this copyright and permission notice appear in associated Documentation.
# THE DATA FILES AND SOFTWARE ARE PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED
# TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT OF THIRD PARTY RIGHTS. IN NO EVENT
# SHALL THE COPYRIGHT HOLDER OR HOLDERS INCLUDED IN THIS NOTICE BE LIABLE FOR ANY CLAIM, OR ANY SPECIAL INDIRECT OR
# CONSEQUENTIAL DAMAGES, OR ANY DAMAGES WHATSOEVER RESULTING FROM LOSS OF USE, DATA OR PROFITS, WHETHER IN AN ACTION OF
# CONTRACT, NEGLIGENCE OR OTHER TORTIOUS ACTION, ARISING OUT OF OR IN CONNECTION WITH THE USE OR PERFORMANCE OF THE DATA FILES
# OR SOFTWARE.
# Except as contained in this notice, the name of a copyright holder shall not be used in advertising or otherwise to promote
# the sale, use or other dealings in these Data Files or Software without prior written authorization of the copyright holder.
"""


def values(path: Path, field: str) -> dict[str, str]:
    """Character to value of one field of a Unihan file."""
    found: dict[str, str] = {}
    for line in path.read_text("utf-8").splitlines():
        if line.startswith("U+"):
            code, name, value = line.split("\t", 2)
            if name == field:
                found[chr(int(code[2:], 16))] = value
    return found


def characters(value: str) -> list[str]:
    """The characters that a value names as U+XXXX."""
    return [chr(int(code, 16)) for code in re.findall(r"U\+([0-9A-F]{4,5})", value)]


def plain(pinyin: str) -> str:
    """The first reading without tone; ü is written v."""
    text = unicodedata.normalize("NFD", pinyin.split()[0].lower()).replace("u\u0308", "v")
    return "".join(c for c in text if unicodedata.category(c) != "Mn")


def main(folder: Path) -> None:
    """Write the two tables.

    Args:
        folder: where the Unihan files lie.
    """
    readings, variants, other = (folder / f"Unihan_{part}.txt" for part in ("Readings", "Variants", "OtherMappings"))
    found = re.search(r"Unicode version: ([0-9.]+)", readings.read_text("utf-8"))
    version = found[1] if found else "unknown"
    hangul, mandarin = values(readings, "kHangul"), values(readings, "kMandarin")
    groups: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for character, value in hangul.items():
        words = sorted(word.partition(":")[::2] for word in value.split())
        flags = "".join(flag for _, flag in words)
        use = "school" if "E" in flags else "name" if "N" in flags else "other"
        syllables = " ".join(unicodedata.normalize("NFC", syllable) for syllable, _ in words)
        groups[use, syllables, plain(mandarin.get(character, "-"))].append(character)
    lines = ["use,readings,pinyin,characters"]
    lines += [f"{u},{r},{p},{''.join(sorted(c))}" for (u, r, p), c in sorted(groups.items())]
    text = NOTICE.format(
        title="Hanja by reading. use: school (taught in the South), name (allowed in names there), other. One row a sound.",
        version=version,
        fields="kHangul, kMandarin",
    )
    (NAMES / "hanja.csv").write_text(text + "\n".join(lines) + "\n", "utf-8")

    of: dict[str, set[str]] = defaultdict(set)
    for character, value in values(variants, "kTraditionalVariant").items():
        of[character].update(c for c in characters(value) if c in hangul)
    for character, value in values(variants, "kSimplifiedVariant").items():
        if character in hangul:
            for short in characters(value):
                of[short].add(character)
    for field in ("kZVariant", "kSemanticVariant"):
        for character, value in values(variants, field).items():
            if character not in hangul and character not in of:
                of[character].update(c for c in characters(value) if c in hangul)
    for character, value in values(other, "kJinmeiyoKanji").items():
        for one in characters(value):
            for short, full in ((one, character), (character, one)):
                if short not in hangul and full in hangul:
                    of[short].add(full)
    by_form: dict[str, list[str]] = defaultdict(list)
    for short, forms in of.items():
        if forms - {short}:
            by_form["".join(sorted(forms | ({short} & hangul.keys())))].append(short)
    lines = ["variants,of"] + [f"{''.join(sorted(shorts))},{whole}" for whole, shorts in sorted(by_form.items())]
    text = NOTICE.format(
        title="Simplified, Japanese and other forms of the characters of hanja.csv; each form may stand for any of `of`.",
        version=version,
        fields="kTraditionalVariant, kSimplifiedVariant, kZVariant, kSemanticVariant, kJinmeiyoKanji",
    )
    (NAMES / "hanja_variants.csv").write_text(text + "\n".join(lines) + "\n", "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
