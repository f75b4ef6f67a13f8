/** A shop's products with their variants: the translation that the benchmark measures. */

import { type ChildAnswer, child, connector, decimal, integer, object, real, reference, timestamp, UnsupportedError } from "lockgate-guest";

/** What the shop does not know it leaves out. */
interface Product {
    id: number;
    sku: string;
    name: string;
    brand?: string;
    description?: string;
    category?: string;
    supplier?: string;
    price?: string;
    cost?: string;
    weight?: number;
    stock?: number;
    active?: boolean;
    colour?: string;
    size?: string;
    ean?: string;
    url?: string;
    created?: string;
    modified?: string;
    variants?: Variant[];
}

interface Variant {
    sku: string;
    colour?: string;
    size?: string;
    price?: string;
    stock?: number;
    ean?: string;
}

export default connector({
    prepareInternalObject(external) {
        const product = external.json<Product>();
        return object({
            objectType: "shop.product",
            codeName: product.sku,
            displayName: product.name,
            fields: {
                number: integer(product.id),
                brand: product.brand,
                description: product.description,
                category: given(product.category, reference),
                supplier: given(product.supplier, reference),
                price: given(product.price, decimal),
                cost: given(product.cost, decimal),
                weight: given(product.weight, real),
                stock: given(product.stock, integer),
                active: product.active,
                colour: product.colour,
                size: product.size,
                ean: product.ean,
                url: product.url,
                created: given(product.created, timestamp),
                modified: given(product.modified, timestamp),
            },
            children: product.variants?.map(variant) ?? [],
        });
    },

    getInternalObjectParams(id, objectType) {
        switch (objectType) {
            case "shop.category":
                return { codeName: `category-${id}` };
            case "shop.supplier":
                return { codeName: `supplier-${id.replace(/^S-/, "")}` };
            default:
                throw new UnsupportedError(`no references to ${objectType}`);
        }
    },
});

function variant(variant: Variant): ChildAnswer {
    return child({
        objectType: "shop.variant",
        codeName: variant.sku,
        fields: {
            colour: variant.colour,
            size: variant.size,
            price: given(variant.price, decimal),
            stock: given(variant.stock, integer),
            ean: variant.ean,
        },
    });
}

/** A field that is left out stays as it is. */
function given<T, V>(value: T | undefined, make: (value: T) => V): V | undefined {
    return value === undefined ? undefined : make(value);
}
