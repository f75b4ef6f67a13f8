// A shop's categories, products with their sizes, and news.

import { connector, object, page, reference } from "lockgate-guest";

interface Thing {
    kind: "category" | "product" | "news";
    id: string;
    name: string;
    category: string;
    sizes: string[];
    product: string;
}

export default connector({
    prepareInternalObject(external) {
        const thing = external.jsonObject<Thing>();
        switch (thing.kind) {
            case "category":
                return object({ objectType: "shop.category", codeName: thing.id, displayName: thing.name });
            case "product":
                return object({
                    objectType: "shop.product",
                    codeName: thing.id,
                    displayName: thing.name,
                    fields: { category: reference(thing.category) },
                    children: { "shop.size": thing.sizes.map((size) => ({ codeName: size })) },
                });
            default:
                return page({
                    className: "shop.news",
                    culture: "en-US",
                    name: thing.name,
                    parent: "root",
                    fields: { product: reference(thing.product) },
                });
        }
    },
    getInternalObjectParams(id) {
        return { codeName: id };
    },
});
