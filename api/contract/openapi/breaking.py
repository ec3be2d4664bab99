"""What of a contract breaks clients that were written against an earlier one. Pure: two documents in, sentences out.

A client that keeps to the earlier document goes on working, unless one of these is said:

- a path or an operation is gone;
- what may be sent is taken no longer: a parameter, a member, a media type or a value is gone or narrower, something
  must be sent that need not be sent before, or another scope is asked for;
- what is answered is another: a status of success, a header, a member or a media type is gone, a member may be missing
  or null that could not be, has another type, or takes values that a closed list did not have.

What is new, and need not be sent, breaks nothing: clients ignore members and values that they do not know in answers
(`x-extensible-enum` says where values may come).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

Document = Mapping[str, Any]
Way = Literal["sent", "answered"]

METHODS: Final = ("get", "put", "post", "delete", "patch")
# A limit, and whether a smaller number takes less.
_LIMITS: Final[Mapping[str, bool]] = {
    "maximum": True, "exclusiveMaximum": True, "maxLength": True, "maxItems": True, "maxProperties": True,
    "minimum": False, "exclusiveMinimum": False, "minLength": False, "minItems": False, "minProperties": False,
}  # fmt: skip
# What is compared as it stands: another one takes, or is, something else.
_AS_IT_STANDS: Final = ("format", "pattern", "multipleOf", "uniqueItems")


def breaks(before: Document, after: Document) -> list[str]:
    """Each break once, as a sentence without a line break; paths in the order of the earlier document."""
    return list(dict.fromkeys(_Comparison(before, after).paths()))


@dataclass
class _Comparison:
    before: Document
    after: Document
    _seen: set[tuple[str, str, Way]] = field(default_factory=set)

    def paths(self) -> Iterator[str]:
        for path, item in self.before["paths"].items():
            for method in METHODS:
                if method in item:
                    yield from self._operation(f"{method.upper()} {path}", item[method], self.after, path, method)

    def _operation(self, name: str, old: Document, after: Document, path: str, method: str) -> Iterator[str]:
        new = after["paths"].get(path, {}).get(method)
        if new is None:
            yield f"{name} is gone"
            return
        if old.get("operationId") != new.get("operationId"):
            yield f"{name}: operationId is no longer {old.get('operationId')}"
        asked, known = _scopes(new), _scopes(old)
        if not any(scopes <= asking for scopes in asked for asking in known):
            yield f"{name}: another scope is asked for"
        yield from self._parameters(name, old, new)
        yield from self._body(name, old.get("requestBody"), new.get("requestBody"))
        yield from self._answers(name, old["responses"], new["responses"])

    # -- what is sent -------------------------------------------------------------------------------------------------

    def _parameters(self, name: str, old: Document, new: Document) -> Iterator[str]:
        earlier = {_key(one): one for one in map(self._old, old.get("parameters", ()))}
        later = {_key(one): one for one in map(self._new, new.get("parameters", ()))}
        for key, one in later.items():
            if one.get("required") and not earlier.get(key, {}).get("required"):
                yield f"{name}: {key} must be sent now"
        for key, one in earlier.items():
            if key not in later:
                yield f"{name}: {key} is taken no longer"
            else:
                yield from self._schema(f"{name}: {key}", one.get("schema"), later[key].get("schema"), "sent")

    def _body(self, name: str, old: Any, new: Any) -> Iterator[str]:
        if old is None and new is not None and self._new(new).get("required"):
            yield f"{name}: a body must be sent now"
        if old is None:
            return
        if new is None:
            yield f"{name}: no body is taken any more"
            return
        earlier, later = self._old(old), self._new(new)
        if later.get("required") and not earlier.get("required"):
            yield f"{name}: a body must be sent now"
        yield from self._content(f"{name}: the body", earlier, later, "sent")

    # -- what is answered ---------------------------------------------------------------------------------------------

    def _answers(self, name: str, old: Document, new: Document) -> Iterator[str]:
        for status, answer in old.items():
            if status not in new:
                if status.startswith("2"):
                    yield f"{name}: is no longer answered with {status}"
                continue
            earlier, later, where = self._old(answer), self._new(new[status]), f"{name}: {status}"
            for header in earlier.get("headers", {}):
                if header not in later.get("headers", {}):
                    yield f"{where}: the header {header} is gone"
            yield from self._content(where, earlier, later, "answered")

    def _content(self, where: str, old: Document, new: Document, way: Way) -> Iterator[str]:
        for media, one in old.get("content", {}).items():
            other = new.get("content", {}).get(media)
            if other is None:
                yield f"{where}: {media} is gone"
            else:
                yield from self._schema(where, one.get("schema"), other.get("schema"), way)

    # -- a value ------------------------------------------------------------------------------------------------------

    def _schema(self, where: str, old: Any, new: Any, way: Way) -> Iterator[str]:
        """What breaks between two schemas; a component is looked at once, under its own name."""
        if old is None or new is None:
            if old != new:
                yield f"{where}: has {'a' if old is None else 'no'} schema now"
            return
        names = (_component(old), _component(new))
        if names[0] and names[1]:
            if (*names, way) in self._seen:
                return
            self._seen.add((*names, way))
            where = f"{names[0]} ({way})"
        old, new = self._old(old), self._new(new)
        yield from _types(where, old, new, way)
        yield from _values(where, old, new, way)
        yield from _narrower(where, old, new, way)
        yield from self._members(where, old, new, way)
        if isinstance(old.get("items"), Mapping) and isinstance(new.get("items"), Mapping):
            yield from self._schema(f"{where}[]", old["items"], new["items"], way)
        for kind in ("allOf", "anyOf", "oneOf"):
            yield from self._alternatives(where, kind, old.get(kind, []), new.get(kind, []), way)

    def _members(self, where: str, old: Document, new: Document, way: Way) -> Iterator[str]:
        earlier, later = old.get("properties", {}), new.get("properties", {})
        must, musts = set(old.get("required", ())), set(new.get("required", ()))
        for name in earlier:
            if name not in later:
                yield f"{where}.{name} is gone"
            else:
                yield from self._schema(f"{where}.{name}", earlier[name], later[name], way)
        if way == "sent":
            yield from (f"{where}.{name} must be sent now" for name in sorted(musts - must))
            if old.get("additionalProperties", True) is not False and new.get("additionalProperties") is False:
                yield f"{where}: further members are taken no longer"
        else:
            yield from (f"{where}.{name} may be missing now" for name in sorted((must - musts) & set(later)))
        other, another = old.get("additionalProperties"), new.get("additionalProperties")
        if isinstance(other, Mapping) and isinstance(another, Mapping):
            yield from self._schema(f"{where}.*", other, another, way)

    def _alternatives(self, where: str, kind: str, old: list[Any], new: list[Any], way: Way) -> Iterator[str]:
        """Those with a name are held against those of the same name, the others in their order."""
        if not old and not new:
            return
        earlier, later = _named(old), _named(new)
        gone, come = [one for one in earlier if one not in later], [one for one in later if one not in earlier]
        # All of `allOf` hold: one more takes less, one fewer promises less. Of the others one does.
        lost = come if (kind == "allOf") == (way == "sent") else gone
        for name in lost:
            yield f"{where}: {kind} {'has no longer' if name in gone else 'has now'} {name}"
        for name in earlier:
            if name in later:
                yield from self._schema(f"{where} ({name})", earlier[name], later[name], way)

    def _old(self, one: Any) -> Document:
        return _resolved(self.before, one)

    def _new(self, one: Any) -> Document:
        return _resolved(self.after, one)


def _types(where: str, old: Document, new: Document, way: Way) -> Iterator[str]:
    if old.get("type") != new.get("type"):
        yield f"{where}: the type is {new.get('type', 'any')}, no longer {old.get('type', 'any')}"
    was, now = bool(old.get("nullable")), bool(new.get("nullable"))
    if way == "sent" and was and not now:
        yield f"{where}: null is taken no longer"
    if way == "answered" and now and not was:
        yield f"{where}: may be null now"


def _values(where: str, old: Document, new: Document, way: Way) -> Iterator[str]:
    """Closed lists of values: shorter where they are sent, longer where they are answered."""
    earlier, later = old.get("enum"), new.get("enum")
    if way == "sent" and later is not None:
        if earlier is None:
            known = _lacking(old.get("x-extensible-enum"), later)
            yield f"{where}: takes listed values only now" if known is None else f"{where}: takes {known} no longer"
        elif missing := [value for value in earlier if value not in later]:
            yield f"{where}: takes {_listed(missing)} no longer"
    if way == "answered" and earlier is not None:
        if later is None:
            if new.get("x-extensible-enum") is None or old.get("x-extensible-enum") is None:
                yield f"{where}: the list of values is no longer closed"
        elif added := [value for value in later if value not in earlier]:
            yield f"{where}: may be {_listed(added)} now, which the closed list did not have"


def _lacking(extensible: Any, closed: list[Any]) -> str | None:
    """Which values of an open list a closed one lacks; None where there was no list, or it lacks none."""
    missing = [value for value in extensible or () if value not in closed]
    return _listed(missing) if missing else None


def _narrower(where: str, old: Document, new: Document, way: Way) -> Iterator[str]:
    for limit, smaller_is_less in _LIMITS.items():
        was, now = old.get(limit), new.get(limit)
        if way == "answered" or now is None or isinstance(now, bool) or isinstance(was, bool) or was == now:
            continue
        if was is None or (now < was) == smaller_is_less:
            yield f"{where}: {limit} is {now} now{'' if was is None else f', no longer {was}'}"
    for name in _AS_IT_STANDS:
        if old.get(name) != new.get(name) and not (way == "sent" and new.get(name) is None):
            yield f"{where}: {name} is {new.get(name, 'not said')} now, no longer {old.get(name, 'not said')}"


def _scopes(operation: Document) -> list[set[str]]:
    """What a call may be made with: each way's scopes. Whoever needs no token has one way without any."""
    ways = operation.get("security", [{}])
    return [{scope for scopes in way.values() for scope in scopes} | set(way) for way in ways] or [set()]


def _key(parameter: Document) -> str:
    return f"{parameter['in']} {parameter['name']}"


def _component(schema: Any) -> str:
    return str(schema["$ref"]).rsplit("/", 1)[-1] if isinstance(schema, Mapping) and "$ref" in schema else ""


def _named(schemas: list[Any]) -> dict[str, Any]:
    return {_component(one) or f"number {number}": one for number, one in enumerate(schemas, start=1)}


def _listed(values: list[Any]) -> str:
    return ", ".join(str(value) for value in values)


def _resolved(document: Document, one: Any) -> Document:
    while isinstance(one, Mapping) and "$ref" in one:
        at: Any = document
        for part in str(one["$ref"]).removeprefix("#/").split("/"):
            at = at[part.replace("~1", "/").replace("~0", "~")]
        one = at
    return one if isinstance(one, Mapping) else {}
