/** Products of a Shopify shop, as its webhooks `products/create`, `products/update` and `products/delete` tell them. */

import { connector, guidFromName, NotFoundError, object, type Prepared, UnsupportedError } from "lockgate-guest";
import { codeName, type Id, isId } from "./ids";
import { image, related, variant } from "./parts";
import { fields } from "./product";
import { readDeleted, readProduct } from "./webhook";

/** Products keep their GUID when they are renamed or their number is all that is known. */
const NAMESPACE = "https://shopify.com/products";

export default connector({
    prepareInternalObject(external, task): Prepared {
        if (task.taskType === "delete-object") {
            const { id } = readDeleted(external);
            return object(identity(id));
        }
        const product = readProduct(external);
        return object({
            ...identity(product.id),
            displayName: product.title,
            fields: fields(product),
            children: [...product.images.map(image), ...product.variants.map(variant), ...product.related.map(related)],
        });
    },

    getInternalObjectParams(id, objectType) {
        if (objectType !== "shop.product") throw new UnsupportedError(`no references to ${objectType}`);
        if (!isId(id)) throw new NotFoundError(`no product has the id ${JSON.stringify(id)}`);
        return { codeName: codeName("product", id) };
    },
});

function identity(id: Id) {
    return { objectType: "shop.product", codeName: codeName("product", id), guid: guidFromName(NAMESPACE, String(id)) };
}
