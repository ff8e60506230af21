"""Matches one event against one value of pySigma's tree, as docs/formats/sigma.md says.

pySigma reads rules and has no events. So what an event holds, and when a value of a rule matches
it, is done here anew, shorter and slower than in the engine, and shares nothing with it.
"""
import datetime
import ipaddress
import json
import re
from decimal import Decimal
from urllib.parse import unquote

import re2
from sigma import types

NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?")
TIME = re.compile(r"(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:\.\d+)?"
                  r"(?:[Zz]|([-+])(\d\d)(?::?(\d\d))?)")
BRACKETS = re.compile(r"(\{\}|\[\]|\[\*\])(?=\.|$)")


class Number(str):
    """A number of JSON, as it is written."""


class Members(list):
    """An object of JSON: pairs, in order."""


def read_event(data):
    return json.loads(data.decode("utf-8-sig", errors="replace"), strict=False, parse_int=Number,
                      parse_float=Number, object_pairs_hook=Members)


def compact(value):
    if isinstance(value, Members):
        return "{" + ",".join(json.dumps(key, ensure_ascii=False) + ":" + compact(member)
                              for key, member in value) + "}"
    if isinstance(value, list):
        return "[" + ",".join(compact(element) for element in value) + "]"
    return value if isinstance(value, Number) else json.dumps(value, ensure_ascii=False)


# ------------------------------------------------------------------ fields: F1 to F6

def ascii_lower(text):
    return "".join(chr(ord(c) + 32) if "A" <= c <= "Z" else c for c in text)


def member(value, key):
    """The member itself in a list, or nothing in it."""
    same = [m for k, m in value if k == key]
    return (same or [m for k, m in value if ascii_lower(k) == ascii_lower(key)])[:1]


def found(value, name):
    """All values at `name`; lists are what stands at the end, not yet their elements."""
    if name is None:
        return [value]
    if isinstance(value, str) and not isinstance(value, Number):
        text = unquote(value) if value[:3].upper() in ("%7B", "%5B") else value
        try:
            value = read_event(text.encode()) if text.lstrip()[:1] in ("{", "[") else None
        except ValueError:
            return []
    if isinstance(value, Members):
        whole = member(value, name)
        if whole:
            return whole
        first, _, rest = name.partition(".")
        return [end for m in member(value, first) for end in found(m, rest)] if rest else []
    if isinstance(value, list):
        return [end for element in value for end in found(element, name)]
    return []


def elements(values):
    for value in values:
        if isinstance(value, list) and not isinstance(value, Members):
            yield from elements(value)
        else:
            yield value


def scalars(value):
    if isinstance(value, Members):
        for _, m in value:
            yield from scalars(m)
    elif isinstance(value, list):
        for element in value:
            yield from scalars(element)
    elif value is not None:
        yield value


# ------------------------------------------------------------------ values: V1 to V8

def texts(value):
    if value is None:
        return []
    if isinstance(value, bool):
        return ["true" if value else "false"]
    if isinstance(value, Members):
        return [text for leaf in scalars(value) for text in texts(leaf)] + [compact(value)]
    return [value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")]


def fold(text):
    """Simple folding: what would become several characters stays."""
    return "".join(next((f for f in (c.casefold(), c.lower()) if len(f) == 1), c) for c in text)


def pattern_matches(pattern, text, anywhere=False):
    cased = isinstance(pattern, types.SigmaCasedString)
    parts = {types.SpecialChars.WILDCARD_MULTI: ".*", types.SpecialChars.WILDCARD_SINGLE: "."}
    expression = "".join(parts[part] if part in parts
                         else re.escape(part if cased else fold(part)) for part in pattern.s)
    look = re.search if anywhere else re.fullmatch
    return look(expression, text if cased else fold(text), re.DOTALL) is not None


def number_of(value):
    return Decimal(value) if isinstance(value, str) and NUMBER.fullmatch(value) else None


def regex_matches(value, text):
    flags = "".join(value.sigma_to_re_flag[flag] for flag in value.flags)
    return re2.search((f"(?{flags})" if flags else "") + str(value.regexp), text) is not None


def address_in(network, text):
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    address = getattr(address, "ipv4_mapped", None) or address
    return address.version == network.version and address in network


def part_of_time(value, part):
    """The number that `hour` and its like take: M7."""
    parts = TIME.fullmatch(value) if isinstance(value, str) else None
    if not parts:
        return None
    year, month, day, hour, minute, second = (int(part) for part in parts.groups()[:6])
    zone = datetime.timedelta(hours=int(parts[8] or 0), minutes=int(parts[9] or 0))
    try:
        time = datetime.datetime(year, month, day, hour, minute, second - (second == 60))
        time += (zone if parts[7] == "-" else -zone) + datetime.timedelta(seconds=second == 60)
    except (ValueError, OverflowError):
        return None
    if second == 60 and (time.hour, time.minute) != (0, 0):
        return None
    if part.name == "WEEK":
        return Decimal(time.isocalendar()[1])
    return Decimal(getattr(time, part.name.lower()))


def compares(left, operator, right):
    if left is None:
        return False
    return {"LT": left < right, "LTE": left <= right, "GT": left > right, "GTE": left >= right,
            "NEQ": left != right, "EQ": left == right}[operator]


def number_matches(value, number, operator="EQ"):
    """`number` is the rule's, perhaps a part of a time."""
    if isinstance(number, types.SigmaTimestampPart):
        left = part_of_time(value, number.timestamp_part)
    else:
        left = number_of(value)
    return compares(left, operator, Decimal(str(number.number)))


def field_matches(event, name, value):
    """One field of the event and one value of pySigma's."""
    name = BRACKETS.sub("", name)
    there = found(event, name)
    if isinstance(value, types.SigmaExpansion):
        return any(field_matches(event, name, one) for one in value.values)
    if isinstance(value, types.SigmaExists):
        return bool(there) == value.exists
    values = list(elements(there))
    if isinstance(value, types.SigmaNull):
        return not there or None in values
    if isinstance(value, types.SigmaFieldReference):
        other = [text for one in elements(found(event, BRACKETS.sub("", value.field)))
                 for text in texts(one)]
        return any(reference_matches(value, fold(text), fold(to))
                   for one in values for text in texts(one) for to in other)
    if isinstance(value, types.SigmaCompareExpression):
        return any(number_matches(one, value.number, value.op.name) for one in values)
    if isinstance(value, types.SigmaNumber):
        return any(number_matches(one, value) for one in values)
    if isinstance(value, types.SigmaBool):
        wanted = "true" if value.boolean else "false"
        return any(not isinstance(one, Members) and wanted in map(ascii_lower, texts(one))
                   for one in values)
    return any(text_matches(value, text) for one in values for text in texts(one))


def reference_matches(value, text, to):
    if value.starts_with and value.ends_with:
        return to in text
    if value.starts_with or value.ends_with:
        return text.startswith(to) if value.starts_with else text.endswith(to)
    return text == to


def text_matches(value, text, anywhere=False):
    if isinstance(value, types.SigmaRegularExpression):
        return regex_matches(value, text)
    if isinstance(value, types.SigmaCIDRExpression):
        return address_in(value.network, text)
    return pattern_matches(value, text, anywhere)


def keyword_matches(event, value):
    if isinstance(value, types.SigmaExpansion):
        return any(keyword_matches(event, one) for one in value.values)
    if not isinstance(value, (types.SigmaString, types.SigmaRegularExpression)):
        value = types.SigmaString(str(value))
    return any(text_matches(value, text, anywhere=True)
               for leaf in scalars(event) for text in texts(leaf))
