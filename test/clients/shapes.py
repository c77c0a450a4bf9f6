"""Holds answers as they come over the wire to the output shapes of botocore's service model.

botocore itself parses leniently: it takes any time, and skips what is missing or not known.
"""

import re
from collections import Counter
from email.utils import parsedate_to_datetime
from xml.etree import ElementTree

ISO8601 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
# The service models write no anchors, and mean the whole text.
TYPES = {
    "string": (str,),
    "integer": (int,),
    "long": (int,),
    "float": (int, float),
    "double": (int, float),
    "boolean": (bool,),
    "structure": (dict,),
    "map": (dict,),
    "list": (list,),
    "timestamp": (str,),
}


class Shapes:
    """Counts leaves, and deviations by `<operation>.<path>: <what>`."""

    def __init__(self):
        self.leaves = 0
        self.deviations = Counter()

    def check(self, shape, value, path):
        """Checks the parsed JSON of one value of a shape."""
        kind = shape.type_name
        if not isinstance(value, TYPES[kind]) or (isinstance(value, bool) and kind != "boolean"):
            self.deviations[f"{path}: is {type(value).__name__}, not {kind}"] += 1
        elif kind == "structure":
            self._structure(shape, value, path)
        elif kind == "list":
            self._limits(shape, len(value), path)
            for item in value:
                self.check(shape.member, item, f"{path}[]")
        elif kind == "map":
            self._limits(shape, len(value), path)
            for key, item in value.items():
                self.check(shape.key, key, f"{path}.<key>")
                self.check(shape.value, item, f"{path}.<value>")
        else:
            self.leaves += 1
            self._scalar(shape, value, path)

    def _structure(self, shape, value, path):
        members = {member.serialization.get("name", name): (name, member) for name, member in shape.members.items()}
        for name, item in value.items():
            if name in members:
                self.check(members[name][1], item, f"{path}.{members[name][0]}")
            else:
                self.deviations[f"{path}.{name}: is not in the model"] += 1
        for name in shape.required_members:
            wire_name = shape.members[name].serialization.get("name", name)
            if wire_name not in value:
                self.deviations[f"{path}.{name}: is missing"] += 1
        if getattr(shape, "is_tagged_union", False) and len(value) != 1:
            self.deviations[f"{path}: has {len(value)} members of a union"] += 1

    def _scalar(self, shape, value, path):
        kind = shape.type_name
        if kind == "timestamp":
            self._timestamp(shape, value, path)
        elif kind == "string":
            self._limits(shape, len(value), path)
            pattern = shape.metadata.get("pattern")
            if pattern and not re.fullmatch(pattern, value):
                self.deviations[f"{path}: does not match {pattern}"] += 1
            if getattr(shape, "enum", None) and value not in shape.enum:
                self.deviations[f"{path}: is {value}, which is not in the model"] += 1
        else:
            self._limits(shape, value, path)

    def _timestamp(self, shape, value, path):
        in_header = shape.serialization.get("location") == "header"
        expected = shape.serialization.get("timestampFormat", "rfc822" if in_header else "iso8601")
        try:
            good = parsedate_to_datetime(value) if expected == "rfc822" else ISO8601.fullmatch(value)
        except ValueError:
            good = False
        if not good:
            self.deviations[f"{path}: is not {expected}"] += 1

    def _limits(self, shape, size, path):
        if size < shape.metadata.get("min", float("-inf")) or size > shape.metadata.get("max", float("inf")):
            self.deviations[f"{path}: has the size {size}"] += 1


def header_members(shape, headers):
    """The members of an output that are headers, by their wire names."""
    found = {}
    for member in shape.members.values():
        name = member.serialization.get("name")
        if member.serialization.get("location") == "header" and name in headers:
            is_number = member.type_name in ("integer", "long")
            found[name] = int(headers[name]) if is_number else headers[name]
    return found


def from_xml(shape, node):
    """An XML element as the JSON that would say the same; what the model does not know stays as text."""
    kind = shape.type_name
    if kind != "structure":
        text = node.text or ""
        if kind == "boolean":
            return {"true": True, "false": False}.get(text, text)
        return int(text) if kind in ("integer", "long") and re.fullmatch(r"-?\d+", text) else text
    members = {member.serialization.get("name", name): member for name, member in shape.members.items()}
    value = {}
    for child in node:
        name = child.tag.split("}")[-1]
        member = members.get(name)
        if member is None:
            value[name] = child.text
        elif member.type_name == "list":
            value.setdefault(name, []).append(from_xml(member.member, child))
        else:
            value[name] = from_xml(member, child)
    return value


def parse_xml(text):
    return ElementTree.fromstring(text)
