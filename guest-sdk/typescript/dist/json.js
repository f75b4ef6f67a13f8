/** JSON from outside, read with the same guards wherever it comes from. */
/** Deepest nesting of arrays and objects that is read, in the SDK of every language: QuickJS's own parser recurses, and deep nesting ends the instance. */
export const JSON_DEPTH_MAX = 128;
const native = JSON.parse;
/** Strings are passed over whole, with what looks like something else in them. */
const TOKENS = /"(?:[^"\\]|\\[\s\S])*"|[[\]{}]/g;
const NUMBERS = /"(?:[^"\\]|\\[\s\S])*"|-?[0-9][0-9.eE+-]*/g;
const IS_NUMBER = /^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$/;
/** What may be too large for a number, or half of a surrogate pair. */
const SUSPECT = /[eE]\+?[0-9]{3}|[0-9]{309}|\\u[dD][89a-fA-F]/;
const HALF_PAIR = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;
/**
 * One JSON document, else a `SyntaxError`: also for what is nested more than {@link JSON_DEPTH_MAX} deep, for numbers that
 * JavaScript would take for infinite, and for texts with half of a surrogate pair. A byte order mark before it means nothing.
 */
export function parseJson(text, options = {}) {
    const source = String(text).replace(/^\ufeff/, "");
    if (tooDeep(source))
        throw new SyntaxError(`nested more than ${JSON_DEPTH_MAX} deep`);
    const document = native(options.numbers === "text" ? source.replaceAll(NUMBERS, quoted) : source);
    if (SUSPECT.test(source))
        refuseWhatCannotTravel(document);
    return document;
}
/** In place of `JSON.parse`, with its parameters. */
export function parseGuarded(text, reviver) {
    const source = String(text);
    if (tooDeep(source))
        throw new SyntaxError(`nested more than ${JSON_DEPTH_MAX} deep`);
    return native(source, reviver);
}
/** What is no number stays as it is, for the parser to refuse. */
function quoted(token) {
    return IS_NUMBER.test(token) ? `"${token}"` : token;
}
function refuseWhatCannotTravel(value) {
    if (typeof value === "number" && !Number.isFinite(value))
        throw new SyntaxError("a number is too large");
    if (typeof value === "string" && HALF_PAIR.test(value))
        throw new SyntaxError("a text has half of a surrogate pair");
    if (typeof value !== "object" || value === null)
        return;
    for (const [key, inner] of Object.entries(value)) {
        refuseWhatCannotTravel(key);
        refuseWhatCannotTravel(inner);
    }
}
function tooDeep(text) {
    // The engine's own search first: a text with few brackets cannot be deep.
    const opening = text.match(/[[{]/g);
    if (opening === null || opening.length <= JSON_DEPTH_MAX)
        return false;
    let depth = 0;
    for (const found of text.matchAll(TOKENS)) {
        const first = found[0];
        if (first === "[" || first === "{") {
            if (++depth > JSON_DEPTH_MAX)
                return true;
        }
        else if (first === "]" || first === "}")
            depth--;
    }
    return false;
}
