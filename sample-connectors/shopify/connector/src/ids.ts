/** Shopify's ids. */

/** A whole number; as text where a JavaScript number would round it. */
export type Id = number | string;

export function isId(text: string): boolean {
    return /^[1-9][0-9]{0,18}$/.test(text);
}

export function codeName(kind: "product" | "variant" | "image", id: Id): string {
    return `${kind}-${id}`;
}

/** What `gid://shopify/Product/632910392` names: a kind and an id. */
export function named(gid: string): { kind: string; id: string } | undefined {
    const found = /^gid:\/\/shopify\/([A-Za-z]+)\/([0-9]+)(?:\?.*)?$/.exec(gid.trim());
    return found === null ? undefined : { kind: found[1] as string, id: found[2] as string };
}

/** The id that a value is, however it is spelt; `undefined`: none. */
export function idOf(value: unknown): Id | undefined {
    if (typeof value === "number") return Number.isSafeInteger(value) && value > 0 ? value : undefined;
    if (typeof value !== "string") return undefined;
    const digits = value.trim();
    return isId(digits) ? (Number.isSafeInteger(Number(digits)) ? Number(digits) : digits) : undefined;
}
