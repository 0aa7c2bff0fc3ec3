"""The JSON Schema of a model: what a data file may hold, as far as a schema can say it."""

from __future__ import annotations

from typing import Any

from imr_letters.engine.values import Part


def json_schema(model: type[Part]) -> dict[str, Any]:
    """Return the JSON Schema of a model, without the fields that a letter family leaves out."""
    made = model.model_json_schema()
    for shape in (made, *made.get("$defs", {}).values()):
        if "properties" in shape:
            kept = {name: inner for name, inner in shape["properties"].items() if inner.get("type") != "null"}
            shape["properties"] = kept
    return made
