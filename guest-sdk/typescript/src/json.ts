/** JSON whose nesting is bounded: QuickJS's own parser recurses, and deep nesting ends the instance. */

/** Deepest nesting of arrays and objects that {@link parseJson} reads. */
export const JSON_DEPTH_MAX = 1_000;

const native = JSON.parse;

/** As `JSON.parse`, but a `SyntaxError` for what is nested more than {@link JSON_DEPTH_MAX} deep. */
export function parseJson(text: string, reviver?: (this: any, key: string, value: any) => any): any {
    const source = String(text);
    if (tooDeep(source)) throw new SyntaxError(`nested more than ${JSON_DEPTH_MAX} deep`);
    return native(source, reviver);
}

function tooDeep(text: string): boolean {
    // The engine's own search first: a text with few brackets cannot be deep.
    const opening = text.match(/[[{]/g);
    if (opening === null || opening.length <= JSON_DEPTH_MAX) return false;
    let depth = 0;
    // Strings are passed over whole, the brackets in them too.
    for (const found of text.matchAll(/"(?:[^"\\]|\\[^])*"|[[\]{}]/g)) {
        const first = found[0];
        if (first === "[" || first === "{") {
            if (++depth > JSON_DEPTH_MAX) return true;
        } else if (first === "]" || first === "}") depth--;
    }
    return false;
}
