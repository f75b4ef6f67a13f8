/** Values of fields. */
/** What the contract calls `value`; made by the functions below. */
export declare class Value {
    readonly tag: string;
    readonly val: string | number | boolean | Uint8Array | undefined;
    constructor(tag: string, val: string | number | boolean | Uint8Array | undefined);
}
/**
 * What a field may be set to. A string is a text, a `bigint` an integer, a `Date` a timestamp; `null` clears the field,
 * `undefined` leaves it as it is. A number must say what it is meant as: {@link integer}, {@link decimal} or {@link real}.
 */
export type FieldValue = Value | References | string | boolean | bigint | Date | Uint8Array | null | undefined;
/** The external id of another object or page; the content model says of which type. */
export declare function reference(externalId: string): Value;
/** The external ids of several objects or pages, for a field that the content model declares as a list. */
export declare class References {
    readonly ids: readonly string[];
}
/** A list of references, in its order. None of them clears the list; an id stands in it once. */
export declare function references(externalIds: Iterable<string>): References;
/** A text, the same as a string. */
export declare function text(value: string): Value;
export declare function boolean(value: boolean): Value;
/** A whole number of 64 bits with sign: a safe `number`, a `bigint`, or decimal digits. */
export declare function integer(value: number | bigint | string): Value;
/** An exact decimal number, as digits: `"12.50"`. */
export declare function decimal(digits: string | number | bigint): Value;
/** A floating-point number. NaN and infinities are refused. */
export declare function real(value: number): Value;
/** An instant: a `Date`, or RFC 3339 with an offset, `"2026-01-31T12:00:00Z"`. */
export declare function timestamp(value: Date | string): Value;
/** Hexadecimal with hyphens, any case. */
export declare function guid(value: string): Value;
export declare function binary(bytes: Uint8Array): Value;
/** One JSON document, made of what it is given. */
export declare function json(value: unknown): Value;
/** The values that a field is given with: none where it stays, several for a list of references. `name` is for the message. */
export declare function toValues(value: FieldValue, name: string): Value[];
