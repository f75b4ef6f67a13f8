/** Values of fields. */

import { describe, requireText } from "./check.js";

/** What the contract calls `value`; made by the functions below. */
export class Value {
    constructor(
        readonly tag: string,
        readonly val: string | number | boolean | Uint8Array | undefined,
    ) {}
}

/**
 * What a field may be set to. A string is a text, a `bigint` an integer, a `Date` a timestamp; `null` clears the field,
 * `undefined` leaves it as it is. A number must say what it is meant as: {@link integer}, {@link decimal} or {@link real}.
 */
export type FieldValue = Value | References | string | boolean | bigint | Date | Uint8Array | null | undefined;

/** The external id of another object or page; the content model says of which type. */
export function reference(externalId: string): Value {
    return new Value("reference", requireText(externalId, "an external id"));
}

/** The external ids of several objects or pages, for a field that the content model declares as a list. */
export class References {
    /** @internal */
    constructor(readonly ids: readonly string[]) {}
}

/** A list of references, in its order. None of them clears the list; an id stands in it once. */
export function references(externalIds: Iterable<string>): References {
    if (typeof externalIds === "string") throw new TypeError("references takes several ids, not a string");
    const ids = [...externalIds];
    ids.forEach((id, position) => {
        if (requireText(id, `reference ${position}`) === "") throw new RangeError(`reference ${position} is empty`);
    });
    const twice = new Set<string>();
    for (const id of ids) {
        if (twice.has(id)) throw new RangeError(`the references name ${JSON.stringify(id)} twice`);
        twice.add(id);
    }
    return new References(ids);
}

/** A text, the same as a string. */
export function text(value: string): Value {
    return new Value("text", requireText(value, "a text"));
}

export function boolean(value: boolean): Value {
    if (typeof value !== "boolean") throw new TypeError(`a boolean must be true or false, not ${describe(value)}`);
    return new Value("boolean", value);
}

/** A whole number of 64 bits with sign: a safe `number`, a `bigint`, or decimal digits. */
export function integer(value: number | bigint | string): Value {
    if (typeof value === "number" && !Number.isSafeInteger(value)) throw new RangeError(`an integer must be whole and at most 2^53 - 1, not ${value}`);
    if (typeof value === "string" && !/^-?[0-9]+$/.test(value)) throw new RangeError(`an integer must be decimal digits, not ${JSON.stringify(value)}`);
    if (!["number", "bigint", "string"].includes(typeof value)) throw new TypeError(`an integer must be a number, a bigint or digits, not ${describe(value)}`);
    return new Value("integer", String(value === 0 ? 0 : value));
}

/** An exact decimal number, as digits: `"12.50"`. */
export function decimal(digits: string | number | bigint): Value {
    if (typeof digits === "bigint") return new Value("decimal", String(digits));
    if (typeof digits === "number" && Number.isFinite(digits) && !String(digits).includes("e")) return new Value("decimal", String(digits));
    if (typeof digits !== "string" || !/^[+-]?[0-9]+(\.[0-9]+)?$/.test(digits)) {
        throw new RangeError(`a decimal must be digits such as "12.50", not ${typeof digits === "string" ? JSON.stringify(digits) : String(digits)}`);
    }
    return new Value("decimal", digits);
}

/** A floating-point number. NaN and infinities are refused. */
export function real(value: number): Value {
    if (typeof value !== "number") throw new TypeError(`a real must be a number, not ${describe(value)}`);
    if (!Number.isFinite(value)) throw new RangeError(`a real must be finite, not ${value}`);
    return new Value("real", value);
}

/** An instant: a `Date`, or RFC 3339 with an offset, `"2026-01-31T12:00:00Z"`. */
export function timestamp(value: Date | string): Value {
    if (!(value instanceof Date)) return new Value("timestamp", requireText(value, "a timestamp"));
    if (Number.isNaN(value.getTime())) throw new RangeError("a timestamp must be a valid date");
    return new Value("timestamp", value.toISOString());
}

/** Hexadecimal with hyphens, any case. */
export function guid(value: string): Value {
    return new Value("guid", requireText(value, "a GUID"));
}

export function binary(bytes: Uint8Array): Value {
    if (!(bytes instanceof Uint8Array)) throw new TypeError(`binary must be a Uint8Array, not ${describe(bytes)}`);
    return new Value("binary", bytes);
}

/** One JSON document, made of what it is given. */
export function json(value: unknown): Value {
    const document = JSON.stringify(value);
    if (document === undefined) throw new TypeError(`${describe(value)} is no JSON`);
    return new Value("json", document);
}

/** The values that a field is given with: none where it stays, several for a list of references. `name` is for the message. */
export function toValues(value: FieldValue, name: string): Value[] {
    if (value === undefined) return [];
    if (!(value instanceof References)) return [toValue(value, name)];
    return value.ids.length === 0 ? [new Value("null", undefined)] : value.ids.map(reference);
}

function toValue(value: Exclude<FieldValue, References | undefined>, name: string): Value {
    if (value instanceof Value) return value;
    if (typeof value === "bigint") return integer(value);
    if (value instanceof Date) return timestamp(value);
    if (value === null) return new Value("null", undefined);
    if (typeof value === "string") return new Value("text", value);
    if (typeof value === "boolean") return new Value("boolean", value);
    if (value instanceof Uint8Array) return new Value("binary", value);
    const hint = typeof value === "number" ? ": say integer(…), decimal(…) or real(…)" : ": say json(…), timestamp(…) or another";
    throw new TypeError(`field ${JSON.stringify(name)} cannot be ${describe(value)}${hint}`);
}
