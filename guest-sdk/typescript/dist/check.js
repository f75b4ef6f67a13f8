/** Checks of what an author's code hands over, made where it does so: an error's stack then begins there. */
/** Says of a value what it is, for messages: `a number`, `an array`, `nothing (undefined)`. */
export function describe(value) {
    if (value === undefined || value === null)
        return `nothing (${value})`;
    if (Array.isArray(value))
        return "an array";
    if (typeof value === "object")
        return value.constructor?.name && value.constructor !== Object ? `a ${value.constructor.name}` : "an object";
    return typeof value === "boolean" ? "a boolean" : `a ${typeof value}`;
}
export function requireText(value, name) {
    if (typeof value !== "string")
        throw new TypeError(`${name} must be a string, not ${describe(value)}`);
    return value;
}
/** `null` counts as absent, as JSON has it. */
export function optionalText(value, name) {
    return value === undefined || value === null ? undefined : requireText(value, name);
}
export function optionalBoolean(value, name) {
    if (value === undefined || value === null)
        return undefined;
    if (typeof value !== "boolean")
        throw new TypeError(`${name} must be a boolean, not ${describe(value)}`);
    return value;
}
export function optionalInteger(value, name) {
    if (value === undefined || value === null)
        return undefined;
    if (typeof value !== "number")
        throw new TypeError(`${name} must be a whole number, not ${describe(value)}`);
    if (!Number.isInteger(value) || value !== (value | 0))
        throw new RangeError(`${name} must be a whole number of 32 bits, not ${value}`);
    return value;
}
