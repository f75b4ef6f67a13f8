/** The fields of a product itself. */

import { type Fields, integer, json } from "lockgate-guest";
import type { Id } from "./ids";
import { isMembers, leftOut, type Members, optionalInstant, text } from "./values";

export function fields(id: Id, product: Members): Fields {
    return {
        number: integer(id),
        handle: text(product, "handle", "handle", 255) || (product.handle === undefined ? undefined : null),
        description: text(product, "body_html", "body_html"),
        vendor: text(product, "vendor", "vendor", 255),
        product_type: text(product, "product_type", "product_type", 255),
        status: text(product, "status", "status", 20),
        tags: tags(product.tags),
        options: options(product.options),
        created: optionalInstant(product, "created_at", "created_at"),
        updated: optionalInstant(product, "updated_at", "updated_at"),
        published: optionalInstant(product, "published_at", "published_at"),
    };
}

/** Texts, or numbers that stand for them; what is neither is left out. */
function texts(list: unknown[], path: string): string[] {
    return list.flatMap((item, index) => {
        if (item === null) return [];
        if (typeof item === "string" || typeof item === "number") return [String(item)];
        leftOut(`${path}[${index}]`, "is no text", item);
        return [];
    });
}

/** A text with commas in webhooks, a list in GraphQL. */
function tags(value: unknown) {
    if (value === undefined || value === null) return value;
    if (typeof value !== "string" && !Array.isArray(value)) return leftOut("tags", "are neither a text nor a list", value);
    const found = typeof value === "string" ? value.split(",") : texts(value, "tags");
    return json([...new Set(found.map((tag) => tag.trim()).filter((tag) => tag !== ""))]);
}

/** What the variants differ in. */
function options(value: unknown) {
    if (value === undefined || value === null) return value;
    if (!Array.isArray(value)) return leftOut("options", "are no list", value);
    return json(
        value.flatMap((option: unknown, index) => {
            if (option === null) return [];
            const path = `options[${index}]`;
            const name = isMembers(option) ? text(option, "name", `${path}.name`) : undefined;
            if (!isMembers(option) || typeof name !== "string") {
                leftOut(path, "has no name", option);
                return [];
            }
            return [{ name, values: Array.isArray(option.values) ? texts(option.values, `${path}.values`) : [] }];
        }),
    );
}
