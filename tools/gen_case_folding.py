#!/usr/bin/env python3
"""Writes src/codec/fold_table.inc: simple case folding (CaseFolding.txt, status C and S).

Python carries the full folding (C and F). Where that is one code point, it is C. Where it is
more, S is the simple lower case if that is one other code point: 'ẞ' -> 'ß', and the Greek
letters with prosgegrammeni. 'İ' has only F and T, so it folds to itself.

usage: tools/gen_case_folding.py > src/codec/fold_table.inc
"""

import sys
import unicodedata


def simple_fold(code):
    full = chr(code).casefold()
    if len(full) == 1:
        return ord(full)
    lower = chr(code).lower()
    return ord(lower) if len(lower) == 1 else code


def ranges():
    """Runs of code points that are `step` apart and move by the same distance."""
    runs = []
    for code in range(0x80, 0x110000):
        if 0xD800 <= code < 0xE000:
            continue
        delta = simple_fold(code) - code
        if delta == 0:
            continue
        if runs:
            first, last, run_delta, step = runs[-1]
            gap = code - last
            if run_delta == delta and (gap == step or (first == last and gap in (1, 2))):
                runs[-1] = (first, code, delta, gap)
                continue
        runs.append((code, code, delta, 1))
    return runs


def main():
    out = sys.stdout
    out.write(f"// Unicode {unicodedata.unidata_version}, by tools/gen_case_folding.py. Not edited by hand.\n")
    out.write("// {first, last, distance, step}\n")
    for first, last, delta, step in ranges():
        out.write(f"{{0x{first:04x}, 0x{last:04x}, {delta}, {step}}},\n")


main()
