/** What comes with a product: variants and pictures as children, related products as bindings. */

import { binding, type ChildAnswer, child, decimal, integer, reference } from "lockgate-guest";
import { codeName, type Id } from "./ids";
import type { Image, Variant } from "./webhook";

export function variant(variant: Variant): ChildAnswer {
    return child({
        objectType: "shop.variant",
        codeName: codeName("variant", variant.id),
        displayName: variant.title,
        fields: {
            number: integer(variant.id),
            position: given(variant.position, integer),
            sku: variant.sku,
            barcode: variant.barcode,
            price: decimal(variant.price),
            compare_at_price: given(variant.compare_at_price, decimal),
            option1: variant.option1,
            option2: variant.option2,
            option3: variant.option3,
            taxable: variant.taxable,
            requires_shipping: variant.requires_shipping,
            weight: given(variant.weight, decimal),
            weight_unit: variant.weight_unit,
            inventory_quantity: given(variant.inventory_quantity, integer),
            image: given(variant.image_id, integer),
        },
    });
}

export function image(image: Image): ChildAnswer {
    return child({
        objectType: "shop.image",
        codeName: codeName("image", image.id),
        displayName: image.alt || undefined,
        fields: {
            number: integer(image.id),
            position: given(image.position, integer),
            alt: image.alt,
            source: image.src,
            width: given(image.width, integer),
            height: given(image.height, integer),
        },
    });
}

export function related(id: Id): ChildAnswer {
    return binding("shop.related", { related: reference(String(id)) });
}

/** Absent stays absent and `null` clears; anything else becomes a value. */
function given<T, V>(value: T | null | undefined, make: (value: T) => V): V | null | undefined {
    return value === null || value === undefined ? (value as null | undefined) : make(value);
}
