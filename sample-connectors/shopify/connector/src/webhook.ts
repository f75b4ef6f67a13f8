/** What Shopify's webhooks say of a product: the members that are carried over, checked. */

import { type External, InvalidError, parseJson } from "lockgate-guest";
import { exactIntegers, type Id, isId } from "./ids";

export interface Product {
    id: Id;
    title: string;
    handle: string;
    body_html?: string | null;
    vendor?: string | null;
    product_type?: string | null;
    status?: string | null;
    /** Separated by commas. */
    tags?: string | null;
    created_at?: string | null;
    updated_at?: string | null;
    published_at?: string | null;
    options?: { name: string; values: string[] }[] | null;
    variants: Variant[];
    images: Image[];
    /** Ids of the products that are shown with it. */
    related: Id[];
}

export interface Variant {
    id: Id;
    title: string;
    /** A decimal as text: "19.90". */
    price: string;
    compare_at_price?: string | null;
    position?: number | null;
    sku?: string | null;
    barcode?: string | null;
    option1?: string | null;
    option2?: string | null;
    option3?: string | null;
    taxable?: boolean | null;
    requires_shipping?: boolean | null;
    weight?: number | null;
    weight_unit?: string | null;
    inventory_quantity?: number | null;
    image_id?: Id | null;
}

export interface Image {
    id: Id;
    src: string;
    position?: number | null;
    alt?: string | null;
    width?: number | null;
    height?: number | null;
}

export function readProduct(external: External): Product {
    const product = read(external);
    for (const name of ["title", "handle"]) requireText(product, name, name);
    const variants = list(product, "variants");
    variants.forEach((variant, index) => {
        requireId(variant, `variants[${index}].id`);
        requireText(variant, "price", `variants[${index}].price`);
    });
    const images = list(product, "images");
    images.forEach((image, index) => {
        requireId(image, `images[${index}].id`);
        requireText(image, "src", `images[${index}].src`);
    });
    return { ...product, variants, images, related: relatedIds(product) } as unknown as Product;
}

/** The metafield that Shopify's own app "Search & Discovery" keeps them in, where the webhook was asked to send it. */
function relatedIds(product: Members): Id[] {
    const path = "metafields.related_products";
    const found = list(product, "metafields").find(
        ({ namespace, key }) => namespace === "shopify--discovery--product_recommendation" && key === "related_products",
    );
    if (found === undefined) return [];
    let names: unknown;
    try {
        names = parseJson(String(found.value));
    } catch (cause) {
        throw new InvalidError("must be JSON inside of a text", { path, cause });
    }
    if (!Array.isArray(names)) throw new InvalidError("must be a list", { path });
    return names.map((name) => {
        const id = /^gid:\/\/shopify\/Product\/(.*)$/.exec(String(name))?.[1];
        if (id === undefined || !isId(id)) throw new InvalidError(`no product is named ${JSON.stringify(name)}`, { path });
        return id;
    });
}

/** A delete has the id and nothing else. */
export function readDeleted(external: External): { id: Id } {
    return read(external) as { id: Id };
}

type Members = Record<string, unknown>;

function read(external: External): Members {
    let product: unknown;
    try {
        product = parseJson(exactIntegers(external.text()));
    } catch (cause) {
        // The engines say in different words what is wrong; theirs go to the log.
        if (cause instanceof SyntaxError) throw new InvalidError("the webhook is no JSON", { cause });
        throw cause;
    }
    if (!isObject(product)) throw new InvalidError("a product must be a JSON object");
    requireId(product, "id");
    return product;
}

function list(product: Members, name: string): Members[] {
    const found = product[name] ?? [];
    if (!Array.isArray(found)) throw new InvalidError("must be a list", { path: name });
    return found.map((item: unknown, index) => {
        if (!isObject(item)) throw new InvalidError("must be an object", { path: `${name}[${index}]` });
        return item;
    });
}

function requireId(object: Members, path: string): void {
    const { id } = object;
    const whole = typeof id === "number" ? Number.isSafeInteger(id) && id > 0 : typeof id === "string" && isId(id);
    if (!whole) throw new InvalidError("must be a whole number above 0", { path });
}

function requireText(object: Members, name: string, path: string): void {
    if (typeof object[name] !== "string" || object[name] === "") throw new InvalidError("must be a text that is not empty", { path });
}

function isObject(value: unknown): value is Members {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}
