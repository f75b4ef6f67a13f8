/** Shopify's ids. */

/** A whole number; as text where a JavaScript number would round it. */
export type Id = number | string;

export function isId(text: string): boolean {
    return /^[1-9][0-9]{0,18}$/.test(text);
}

export function codeName(kind: "product" | "variant" | "image", id: Id): string {
    return `${kind}-${id}`;
}

/**
 * JSON whose integers beyond 2^53 are texts: ids have up to 19 digits, and `JSON.parse` would round
 * them to the id of another product.
 */
export function exactIntegers(json: string): string {
    // Most shops have shorter ids, and then nothing needs to be rewritten.
    if (!/[0-9]{16}/.test(json)) return json;
    // Strings are passed over whole, the numbers in them too.
    return json.replaceAll(/"(?:[^"\\]|\\[^])*"|-?[0-9][0-9.eE+-]*/g, (token) => (/^-?[0-9]{16,}$/.test(token) ? `"${token}"` : token));
}
