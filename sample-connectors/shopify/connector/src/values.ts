/**
 * Values as people have them. What has one meaning is read, whatever its form. What cannot be read is left out with a
 * warning that names it; it counts as one that is not there, and clears its field. Absent stays absent, `null` clears.
 */

import { type FieldValue, decimal, integer, log, timestamp } from "lockgate-guest";

export type Members = Record<string, unknown>;

export function isMembers(value: unknown): value is Members {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Longest value that a message shows. */
const SHOWN_MAX = 60;

export function shown(value: unknown): string {
    const text = value === undefined ? "nothing" : JSON.stringify(value);
    return text.length > SHOWN_MAX ? `${text.slice(0, SHOWN_MAX)}…` : text;
}

/** Says that a value is left out, and why. */
export function leftOut(path: string, why: string, value: unknown): null {
    log.warn(`${path} ${why}, and is left out: ${shown(value)}`);
    return null;
}

/** `read` of a member that is there. An empty text is none, where it is not a text that is meant. */
function member(members: Members, name: string, path: string, read: (value: unknown) => FieldValue, why: string): FieldValue {
    const value = members[name];
    if (value === undefined || value === null) return value;
    return read(value) ?? leftOut(path, why, value);
}

const isBlank = (value: unknown) => typeof value === "string" && value.trim() === "";

/** A text of at most so many characters. */
export function text(members: Members, name: string, path: string, charactersMax = Number.POSITIVE_INFINITY): string | null | undefined {
    const value = members[name];
    if (value === undefined || value === null) return value;
    const read = typeof value === "number" ? String(value) : value;
    if (typeof read !== "string") return leftOut(path, "is no text", value);
    // Characters, not units of UTF-16.
    if (read.length > charactersMax && [...read].length > charactersMax) return leftOut(path, `is longer than ${charactersMax} characters`, read);
    return read;
}

/** `"19.90"`, 19.9, 1e-7; exact. */
export function decimalOf(value: unknown): FieldValue {
    const written = typeof value === "number" || typeof value === "string" ? String(value).trim() : "";
    const parts = /^([+-]?)([0-9]+)(?:\.([0-9]+))?(?:[eE]([+-]?[0-9]{1,3}))?$/.exec(written);
    if (parts === null) return undefined;
    const [, sign, whole = "", fraction = "", exponent = "0"] = parts;
    const moved = Number(exponent);
    if (moved === 0) return decimal(written.replace(/[eE].*$/, ""));
    // The point moves, the digits stay.
    const digits = "0".repeat(Math.max(0, -moved)) + whole + fraction + "0".repeat(Math.max(0, moved - fraction.length));
    const point = Math.max(0, -moved) + whole.length + moved;
    const after = digits.slice(point);
    return decimal((sign ?? "") + (digits.slice(0, point).replace(/^0+(?=[0-9])/, "") || "0") + (after === "" ? "" : `.${after}`));
}

export function optionalDecimal(members: Members, name: string, path: string): FieldValue {
    if (isBlank(members[name])) return null;
    return member(members, name, path, decimalOf, "is no decimal");
}

const INTEGER_MAX = 2n ** 63n;

/** 5, `"5"`, 5.0; of 64 bits. */
export function optionalInteger(members: Members, name: string, path: string): FieldValue {
    if (isBlank(members[name])) return null;
    const read = (value: unknown) => {
        const written = typeof value === "number" || typeof value === "string" ? String(value).trim() : "";
        const digits = /^([+-]?[0-9]{1,19})(?:\.0*)?$/.exec(written)?.[1];
        if (digits === undefined) return undefined;
        const whole = BigInt(digits.replace("+", ""));
        return whole >= -INTEGER_MAX && whole < INTEGER_MAX ? integer(whole) : undefined;
    };
    return member(members, name, path, read, "is no whole number of 64 bits");
}

/** true, `"true"`, `"False"`, 1, `"0"`. */
export function optionalBoolean(members: Members, name: string, path: string): FieldValue {
    if (isBlank(members[name])) return null;
    const read = (value: unknown) => {
        const word = ["boolean", "number", "string"].includes(typeof value) ? String(value).trim().toLowerCase() : "";
        return word === "true" || word === "1" ? true : word === "false" || word === "0" ? false : undefined;
    };
    return member(members, name, path, read, "is neither true nor false");
}

const INSTANT = /^(\d{4}-\d{2}-\d{2})[Tt ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?) ?([Zz]|UTC|[+-]\d{2}:?\d{2})$/;

/** RFC 3339, and the same with a blank for `T`, without seconds, or with `+0200`. */
export function instantOf(value: unknown): FieldValue {
    const parts = typeof value === "string" ? INSTANT.exec(value.trim()) : null;
    if (parts === null) return undefined;
    const [, day = "", time = "", zone = ""] = parts;
    const offset = /^[+-]/.test(zone) ? `${zone.slice(0, 3)}:${zone.slice(-2)}` : "Z";
    const written = `${day}T${time.length === 5 ? `${time}:00` : time}${offset}`;
    // `Date` takes the 31st of February for the 3rd of March.
    const date = new Date(`${day}T00:00:00Z`);
    const exists = !Number.isNaN(date.getTime()) && date.toISOString().startsWith(day) && Number(day.slice(0, 4)) > 0;
    return exists && !Number.isNaN(Date.parse(written.replace(/:60(?=[.Z+-])/, ":59"))) ? timestamp(written) : undefined;
}

export function optionalInstant(members: Members, name: string, path: string): FieldValue {
    if (isBlank(members[name])) return null;
    return member(members, name, path, instantOf, "is no date and time with an offset");
}
