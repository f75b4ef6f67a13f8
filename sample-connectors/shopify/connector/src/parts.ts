/** What comes with a product: variants and pictures as children, related products as bindings. */

import { binding, type ChildAnswer, child, decimal, InvalidError, integer, reference, type Value } from "lockgate-guest";
import { codeName, type Id } from "./ids";
import { decimalOf, type Members, optionalBoolean, optionalDecimal, optionalInteger, shown, text } from "./values";
import type { Part } from "./webhook";

export function variant({ id, members, path }: Part): ChildAnswer {
    const at = (name: string) => `${path}.${name}`;
    const words = (name: string, max?: number) => text(members, name, at(name), max);
    const count = (name: string) => optionalInteger(members, name, at(name));
    return child({
        objectType: "shop.variant",
        codeName: codeName("variant", id),
        displayName: words("title") || undefined,
        fields: {
            number: integer(id),
            position: count("position"),
            sku: words("sku", 255),
            barcode: words("barcode", 255),
            price: price(members, at("price")),
            compare_at_price: optionalDecimal(members, "compare_at_price", at("compare_at_price")),
            option1: words("option1", 255),
            option2: words("option2", 255),
            option3: words("option3", 255),
            taxable: optionalBoolean(members, "taxable", at("taxable")),
            requires_shipping: optionalBoolean(members, "requires_shipping", at("requires_shipping")),
            weight: optionalDecimal(members, "weight", at("weight")),
            weight_unit: words("weight_unit", 10),
            inventory_quantity: count("inventory_quantity"),
            image: count("image_id"),
        },
    });
}

/** The one value that a variant cannot be without: nothing is sold for a price that is not known. */
function price(members: Members, path: string): Value {
    const value = decimalOf(members.price);
    if (value === undefined) throw new InvalidError(`must be a decimal such as "19.90", not ${shown(members.price)}`, { path });
    return value as ReturnType<typeof decimal>;
}

export function image({ id, members, path }: Part): ChildAnswer {
    const at = (name: string) => `${path}.${name}`;
    const source = members.src;
    if (typeof source !== "string" || source.trim() === "") throw new InvalidError(`must be an address, not ${shown(source)}`, { path: at("src") });
    const alt = text(members, "alt", at("alt"));
    return child({
        objectType: "shop.image",
        codeName: codeName("image", id),
        displayName: alt || undefined,
        fields: {
            number: integer(id),
            position: optionalInteger(members, "position", at("position")),
            alt,
            source: source.trim(),
            width: optionalInteger(members, "width", at("width")),
            height: optionalInteger(members, "height", at("height")),
        },
    });
}

export function related(id: Id): ChildAnswer {
    return binding("shop.related", { related: reference(String(id)) });
}
