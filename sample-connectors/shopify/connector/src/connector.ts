/** Products of a Shopify shop, as its webhooks `products/create`, `products/update` and `products/delete` tell them. */

import { connector, guidFromName, NotFoundError, object, type Prepared, timestamp, UnsupportedError } from "lockgate-guest";
import { codeName, type Id, isId } from "./ids";
import { image, related, variant } from "./parts";
import { fields } from "./product";
import { text } from "./values";
import { readDeleted, readProduct } from "./webhook";

/** Products keep their GUID when they are renamed or their number is all that is known. */
const NAMESPACE = "https://shopify.com/products";

/**
 * How new a delete is. Its webhook has no time, and needs none: Shopify brings no deleted product back and gives no id a
 * second time, so nothing that is said of the product is newer, whenever it comes.
 */
const DELETED_FOR_GOOD = "9999-12-30T00:00:00Z";

export default connector({
    prepareInternalObject(external, task): Prepared {
        if (task.taskType === "delete-object") {
            return object({ ...identity(readDeleted(external)), fields: { updated: timestamp(DELETED_FOR_GOOD) } });
        }
        const webhook = readProduct(external);
        return object({
            ...identity(webhook.id),
            displayName: text(webhook.product, "title", "title")?.trim() || undefined,
            fields: fields(webhook.id, webhook.product),
            // An empty list says that there is none; what is not stated stays.
            children: {
                "shop.image": webhook.images?.map(image),
                "shop.variant": webhook.variants?.map(variant),
                "shop.related": webhook.related?.map(related),
            },
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
