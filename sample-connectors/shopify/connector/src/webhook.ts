/** What Shopify's webhooks say: which product, and what is listed with it. */

import { type External, InvalidError, log, UnsupportedError } from "lockgate-guest";
import { type Id, idOf, named } from "./ids";
import { readJson } from "./json";
import { isMembers, leftOut, type Members, shown } from "./values";

/** A variant or picture. */
export interface Part {
    id: Id;
    members: Members;
    /** `variants[3]`, for messages. */
    path: string;
}

export interface Webhook {
    id: Id;
    product: Members;
    /** Never empty: a product has one at least, so that an empty list says nothing. `undefined`: not stated. */
    variants: Part[] | undefined;
    /** Empty: it has none. `undefined`: not stated. */
    images: Part[] | undefined;
    /** Ids of the products that are shown with it. Empty: none are. `undefined`: not stated. */
    related: Id[] | undefined;
}

/** What a product has and nothing else that has an id. Without any of them, a payload says nothing of a product. */
const OF_A_PRODUCT = ["title", "handle", "body_html", "vendor", "product_type", "status", "tags", "options", "variants", "images", "metafields"];

export function readProduct(external: External): Webhook {
    const { id, product } = read(external);
    if (!OF_A_PRODUCT.some((name) => name in product)) {
        throw new InvalidError("this says nothing of the product but its id; what is deleted has the task type delete-object");
    }
    if (!("updated_at" in product)) log.warn("the webhook has no updated_at: should an older one come later, it is taken for newer");
    const variants = parts(product, "variants");
    return { id, product, variants: variants?.length ? variants : undefined, images: parts(product, "images"), related: related(product) };
}

/** A delete has the id and nothing else. */
export function readDeleted(external: External): Id {
    return read(external).id;
}

/** One product, as a webhook has it, or alone in what the REST API answers. */
function read(external: External): { id: Id; product: Members } {
    let product = readJson(external.text());
    if (isMembers(product) && !("id" in product)) product = product.product ?? product.products ?? product;
    if (Array.isArray(product)) {
        if (product.length !== 1) throw new InvalidError(`a task is about one product, and this has ${product.length}`);
        product = product[0];
    }
    if (!isMembers(product)) throw new InvalidError(`a product must be a JSON object, not ${shown(product)}`);
    const gid = product.admin_graphql_api_id;
    const whose = typeof gid === "string" ? named(gid) : undefined;
    if (whose !== undefined && whose.kind !== "Product") {
        throw new UnsupportedError(`this is a ${whose.kind}, and products alone are carried in`, { path: "admin_graphql_api_id" });
    }
    return { id: idOfPart(product, "id"), product };
}

function idOfPart(members: Members, path: string): Id {
    const id = idOf(members.id);
    if (id === undefined) throw new InvalidError(`must be a whole number above 0, not ${shown(members.id)}`, { path });
    return id;
}

/** What is not listed is not there: so what cannot be read is refused, and not left out. */
function parts(product: Members, name: string): Part[] | undefined {
    if (!(name in product)) return undefined;
    const list = product[name] ?? [];
    if (!Array.isArray(list)) throw new InvalidError(`must be a list, not ${shown(list)}`, { path: name });
    const found = new Map<string, Part>();
    list.forEach((members: unknown, index) => {
        const path = `${name}[${index}]`;
        if (members === null) return;
        if (!isMembers(members)) throw new InvalidError(`must be an object, not ${shown(members)}`, { path });
        const id = idOfPart(members, `${path}.id`);
        const before = found.get(String(id));
        if (before !== undefined && JSON.stringify(before.members) !== JSON.stringify(members)) {
            throw new InvalidError(`${id} is the id of ${before.path} too, which says something else`, { path: `${path}.id` });
        }
        if (before === undefined) found.set(String(id), { id, members, path });
    });
    return [...found.values()];
}

/**
 * The metafield that Shopify's own app "Search & Discovery" keeps them in, where the webhook was asked to send it. A list
 * that cannot be read whole counts as not stated: what it does not name would be taken off.
 */
function related(product: Members): Id[] | undefined {
    if (!("metafields" in product)) return undefined;
    const metafields = product.metafields ?? [];
    const path = "metafields.related_products";
    if (!Array.isArray(metafields)) return leftOut("metafields", "are no list", metafields) ?? undefined;
    const found = metafields.find(
        (field) => isMembers(field) && field.namespace === "shopify--discovery--product_recommendation" && field.key === "related_products",
    );
    let names: unknown = found?.value ?? [];
    try {
        if (typeof names === "string") names = readJson(names);
    } catch (error) {
        if (!(error instanceof InvalidError)) throw error;
        names = undefined;
    }
    if (!Array.isArray(names)) return leftOut(path, "is no list in JSON", found?.value) ?? undefined;
    const ids = names.map((name: unknown) => {
        const product = named(String(name));
        return product?.kind === "Product" ? idOf(product.id) : undefined;
    });
    const wrong = ids.indexOf(undefined);
    if (wrong >= 0) return leftOut(`${path}[${wrong}]`, "names no product; the whole list", names[wrong]) ?? undefined;
    return [...new Set(ids.map(String))];
}
