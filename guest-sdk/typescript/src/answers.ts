/** What `prepareInternalObject` answers. Everything is checked where it is made, so that a mistake shows with its line. */

import type { Child as WireChild, Field, PageParent as WirePageParent, Prepared as WirePrepared } from "lockgate:connector/types";
import { describe, optionalBoolean, optionalInteger, optionalText, requireText } from "./check";
import { type FieldValue, toValue } from "./value";

/** Fields by name. `null` clears a field; one that is left out, or `undefined`, stays as it is. */
export type Fields = Record<string, FieldValue>;

/** An object of the content store. */
export interface ObjectAnswer {
    /** A type that the content model declares, for example `cms.user`. */
    objectType: string;
    /** Unique within site, parent and group. */
    codeName: string;
    /** Hexadecimal with hyphens; see `guidFromName` for a lasting one. */
    guid?: string | null | undefined;
    /** What people read. Left out, it is the code name. */
    displayName?: string | null | undefined;
    /** External id of the site. Left out, it is the task's, where the type belongs to sites. */
    site?: string | null | undefined;
    /** External id of the parent object. */
    parent?: string | null | undefined;
    /** External id of the group. */
    group?: string | null | undefined;
    fields?: Fields;
    /** Children and bindings; read for `snapshot` tasks only. */
    children?: ChildAnswer[];
}

/** A child object, with children of its own, or a binding: see {@link binding}. */
export interface ChildAnswer {
    objectType: string;
    /** Left out for a binding. */
    codeName?: string | undefined;
    guid?: string | null | undefined;
    displayName?: string | null | undefined;
    fields?: Fields;
    children?: ChildAnswer[];
}

/** Directly under the root, or under a page named by its external id, its node GUID or its alias path. */
export type PageParent = "root" | { external: string; className: string } | { nodeGuid: string } | { path: string };

/** A page of a content tree, in one culture. What is left out stays as it is. */
export interface PageAnswer {
    /** A page type that the content model declares. */
    className: string;
    /** For example `en-US`. */
    culture: string;
    name: string;
    /** Identifies the page. Left out, the alias path does. */
    nodeGuid?: string | null | undefined;
    /** External id of the site. Left out, it is the task's. */
    site?: string | null | undefined;
    /** Last step of the page's path. */
    alias?: string | null | undefined;
    parent?: PageParent | null | undefined;
    /** Position among its siblings, ascending. */
    order?: number | null | undefined;
    published?: boolean | null | undefined;
    fields?: Fields;
}

/** The answer of `prepareInternalObject`: made by {@link object}, {@link page} or {@link skip}. */
export class Prepared {
    constructor(readonly wire: WirePrepared) {}
}

/** The external object becomes this object. */
export function object(answer: ObjectAnswer): Prepared {
    requireLiteral(answer, "object(…)");
    const children: WireChild[] = [];
    flatten(answer.children, undefined, children);
    return new Prepared({
        tag: "object",
        val: {
            objectType: requireText(answer.objectType, "objectType"),
            codeName: requireText(answer.codeName, "codeName"),
            guid: optionalText(answer.guid, "guid"),
            displayName: optionalText(answer.displayName, "displayName"),
            site: optionalText(answer.site, "site"),
            parent: optionalText(answer.parent, "parent"),
            group: optionalText(answer.group, "group"),
            fields: fieldList(answer.fields),
            children,
        },
    });
}

/** The external object becomes this page, in one culture. */
export function page(answer: PageAnswer): Prepared {
    requireLiteral(answer, "page(…)");
    return new Prepared({
        tag: "page",
        val: {
            className: requireText(answer.className, "className"),
            nodeGuid: optionalText(answer.nodeGuid, "nodeGuid"),
            site: optionalText(answer.site, "site"),
            culture: requireText(answer.culture, "culture"),
            name: requireText(answer.name, "name"),
            alias: optionalText(answer.alias, "alias"),
            parent: pageParent(answer.parent),
            order: optionalInteger(answer.order, "order"),
            published: optionalBoolean(answer.published, "published"),
            fields: fieldList(answer.fields),
        },
    });
}

/** Nothing to do, and why. The task is done. */
export function skip(reason: string): Prepared {
    return new Prepared({ tag: "skip", val: requireText(reason, "the reason") });
}

/** A child object, checked here and now. A plain literal does as well. */
export function child(answer: ChildAnswer & { codeName: string }): ChildAnswer {
    requireLiteral(answer, "child(…)");
    requireText(answer.codeName, "codeName");
    return answer;
}

/** A binding: a child that is identified by what its fields refer to, so without a code name. */
export function binding(objectType: string, fields: Fields): ChildAnswer {
    return { objectType: requireText(objectType, "objectType"), fields };
}

function requireLiteral(answer: unknown, call: string): void {
    if (typeof answer !== "object" || answer === null || Array.isArray(answer)) throw new TypeError(`${call} takes an object, not ${describe(answer)}`);
}

function fieldList(fields: Fields | undefined): Field[] {
    const list: Field[] = [];
    for (const [name, value] of Object.entries(fields ?? {})) {
        if (value !== undefined) list.push({ name, value: toValue(value, name) as unknown as Field["value"] });
    }
    return list;
}

/** Children before their own children: the contract wants a parent earlier in the list. */
function flatten(answers: ChildAnswer[] | undefined, parent: number | undefined, list: WireChild[]): void {
    for (const answer of answers ?? []) {
        const index = list.length;
        list.push({
            parent,
            objectType: requireText(answer.objectType, "objectType of a child"),
            codeName: optionalText(answer.codeName, "codeName of a child") ?? "",
            guid: optionalText(answer.guid, "guid of a child"),
            displayName: optionalText(answer.displayName, "displayName of a child"),
            fields: fieldList(answer.fields),
        });
        flatten(answer.children, index, list);
    }
}

function pageParent(parent: PageParent | null | undefined): WirePageParent | undefined {
    if (parent === undefined || parent === null) return undefined;
    if (parent === "root") return { tag: "root" };
    if ("external" in parent) {
        return { tag: "external", val: { id: requireText(parent.external, "parent.external"), className: requireText(parent.className, "parent.className") } };
    }
    if ("nodeGuid" in parent) return { tag: "node-guid", val: requireText(parent.nodeGuid, "parent.nodeGuid") };
    return { tag: "path", val: requireText(parent.path, "parent.path") };
}
