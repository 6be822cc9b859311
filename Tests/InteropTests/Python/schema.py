"""Commands by the schema, Sources/Wire/order-entry.xml: their fields, and what a value may be (rule CMD-3)."""

import os
import xml.etree.ElementTree as ElementTree

SIZES = {"uint8": 1, "uint16": 2, "uint32": 4, "uint64": 8, "int32": 4, "int64": 8}
LENGTHS = {"bytes32": 32, "bytes64": 64, "symbol": 8, "char4": 4, "Reason": 2}


class Field:
    def __init__(self, node, types):
        self.name, self.offset, kind = node.get("name"), int(node.get("offset")), node.get("type")
        self.optional, text = node.get("presence") == "optional", node.get("description")
        self.reserved, self.later = self.name.startswith("reserved"), text.startswith("Reserved for")
        found = types.get(kind)
        self.values, self.bits, self.refused = None, None, set()
        if found is not None:
            coding = found.get("encodingType")
            numbers = {int(value.text): value.get("description") for value in found}
            if found.tag == "enum":
                self.values = set(numbers)
                self.refused = {value for value, text in numbers.items() if "Reserved" in text}
            else:
                self.bits = sum(1 << bit for bit in numbers)
                self.refused = {bit for bit, text in numbers.items() if "Reserved" in text}
        else:
            coding = kind
        self.size, self.is_number, self.signed = SIZES.get(coding) or LENGTHS[kind], coding in SIZES, coding[0] == "i"
        self.null = -(1 << 8 * self.size - 1) if self.signed else (1 << 8 * self.size) - 1

    def read(self, block):
        data = block[self.offset:self.offset + self.size]
        return int.from_bytes(data, "little", signed=self.signed) if self.is_number else data

    def fault(self, value):
        """The reason of a refusal by CMD-3."""
        if self.reserved:
            return "invalidField" if value else None
        if self.later:
            return None if value == self.null else "unsupportedFeature"
        if self.values is not None and not (self.optional and value == self.null):
            if value not in self.values:
                return "invalidField"
            return "unsupportedFeature" if value in self.refused else None
        if self.bits is not None:
            if value & ~self.bits:
                return "invalidField"
            return "unsupportedFeature" if any(value >> bit & 1 for bit in self.refused) else None
        return None


def load(path=os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../../Sources/Wire/order-entry.xml")):
    """Fields of every command by template, of a batch's entries, and the sets of flags."""
    root = ElementTree.parse(path).getroot()
    types = {node.get("name"): node for node in root.find("types") if node.tag in ("enum", "set")}
    messages, entry = {}, None
    for message in root:
        if message.tag.endswith("message") and 20 <= int(message.get("id")) <= 44:
            messages[int(message.get("id"))] = [Field(node, types) for node in message.findall("field")]
            for group in message.findall("group"):
                entry = [Field(node, types) for node in group.findall("field")]
    return messages, entry
