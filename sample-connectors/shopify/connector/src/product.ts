/** The fields of a product itself. */

import { type Fields, integer, json, timestamp } from "lockgate-guest";
import type { Product } from "./webhook";

export function fields(product: Product): Fields {
    return {
        number: integer(product.id),
        handle: product.handle,
        description: product.body_html,
        vendor: product.vendor,
        product_type: product.product_type,
        status: product.status,
        tags: json(tags(product.tags)),
        options: json((product.options ?? []).map(({ name, values }) => ({ name, values }))),
        created: instant(product.created_at),
        updated: instant(product.updated_at),
        published: instant(product.published_at),
    };
}

function tags(text: string | null | undefined): string[] {
    const found = (text ?? "").split(",").map((tag) => tag.trim());
    return found.filter((tag) => tag !== "");
}

/** Absent stays absent and `null` clears, as everywhere. */
function instant(text: string | null | undefined) {
    return typeof text === "string" ? timestamp(text) : text;
}
