/** What `prepareInternalObject` answers. Everything is checked where it is made, so that a mistake shows with its line. */

/// <reference path="./imports/contract.d.ts" />
import type { Field, Child as WireChild, PageParent as WirePageParent, Prepared as WirePrepared } from "lockgate:connector/types";
import { describe, optionalBoolean, optionalInteger, optionalText, requireText } from "./check.js";
import { type FieldValue, toValues } from "./value.js";

/** Fields by name. `null` clears a field; one that is left out, or `undefined`, stays as it is. */
export type Fields = Readonly<Record<string, FieldValue>>;

/** An object of the content store. */
export interface ObjectAnswer {
    /** A type that the content model declares, for example `cms.user`. */
    readonly objectType: string;
    /** Unique within site, parent and group. */
    readonly codeName: string;
    /** Hexadecimal with hyphens; see `guidFromName` for a lasting one. */
    readonly guid?: string | null | undefined;
    /** What people read. Left out, it is the code name. */
    readonly displayName?: string | null | undefined;
    /** External id of the site. Left out, it is the task's, where the type belongs to sites. */
    readonly site?: string | null | undefined;
    /** External id of the parent object. */
    readonly parent?: string | null | undefined;
    /** External id of the group. */
    readonly group?: string | null | undefined;
    readonly fields?: Fields | undefined;
    /** Children and bindings; read for `snapshot` tasks only. */
    readonly children?: Children | undefined;
}

/**
 * Children and bindings, as a list or by their type. **A type of which nothing is said is not stated**: what is stored of it
 * stays. By type, an empty list says that there is none: `{ "cms.userrole": [] }`. So where the payload does not have the
 * list, leave the key out, or give `undefined`.
 */
export type Children = readonly ChildAnswer[] | { readonly [objectType: string]: readonly ListedChild[] | undefined };

/** A child under the type that it is listed under. */
export interface ListedChild extends Omit<ChildAnswer, "objectType"> {
    /** The same type, or left out. */
    readonly objectType?: string | undefined;
}

/** A child object, with children of its own, or a binding: see {@link binding}. */
export interface ChildAnswer {
    readonly objectType: string;
    /** Left out for a binding. */
    readonly codeName?: string | undefined;
    readonly guid?: string | null | undefined;
    readonly displayName?: string | null | undefined;
    readonly fields?: Fields | undefined;
    readonly children?: Children | undefined;
}

/** Directly under the root, or under a page named by its external id, its node GUID or its alias path. */
export type PageParent = "root" | { external: string; className: string } | { nodeGuid: string } | { path: string };

/** A page of a content tree, in one culture. What is left out stays as it is. */
export interface PageAnswer {
    /** A page type that the content model declares. */
    readonly className: string;
    /** For example `en-US`. */
    readonly culture: string;
    readonly name: string;
    /** Identifies the page. Left out, the alias path does. */
    readonly nodeGuid?: string | null | undefined;
    /** External id of the site. Left out, it is the task's. */
    readonly site?: string | null | undefined;
    /** Last step of the page's path. */
    readonly alias?: string | null | undefined;
    readonly parent?: PageParent | null | undefined;
    /** Position among its siblings, ascending. */
    readonly order?: number | null | undefined;
    readonly published?: boolean | null | undefined;
    readonly fields?: Fields | undefined;
}

/** The answer of `prepareInternalObject`: made by {@link object}, {@link page} or {@link skip}. */
export class Prepared {
    /** What was given to {@link object}. */
    readonly object: ObjectAnswer | undefined;
    /** What was given to {@link page}. */
    readonly page: PageAnswer | undefined;
    /** What was given to {@link skip}. */
    readonly skip: string | undefined;

    /** @internal */
    constructor(
        /** @internal */
        readonly wire: WirePrepared,
        /** @internal Types of which there are no children. */
        readonly noneOf: readonly string[],
        answer: { object?: ObjectAnswer; page?: PageAnswer; skip?: string },
    ) {
        this.object = answer.object;
        this.page = answer.page;
        this.skip = answer.skip;
    }
}

/** The external object becomes this object. */
export function object(answer: ObjectAnswer): Prepared {
    requireLiteral(answer, "object(…)");
    const listed: Listed = { children: [], noneOf: new Set() };
    flatten(answer.children, undefined, listed);
    const wire: WirePrepared = {
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
            children: listed.children,
        },
    };
    return new Prepared(wire, [...listed.noneOf], { object: answer });
}

/** The external object becomes this page, in one culture. */
export function page(answer: PageAnswer): Prepared {
    requireLiteral(answer, "page(…)");
    const wire: WirePrepared = {
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
    };
    return new Prepared(wire, [], { page: answer });
}

/** Nothing to do, and why. The task is done. */
export function skip(reason: string): Prepared {
    return new Prepared({ tag: "skip", val: requireText(reason, "the reason") }, [], { skip: reason });
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
        // A list of references is several fields of one name.
        for (const one of toValues(value, name)) list.push({ name, value: one as unknown as Field["value"] });
    }
    return list;
}

interface Listed {
    children: WireChild[];
    noneOf: Set<string>;
}

/** Children before their own children: the contract wants a parent earlier in the list. */
function flatten(answers: Children | undefined, parent: number | undefined, listed: Listed): void {
    if (answers === undefined) return;
    if (typeof answers !== "object" || answers === null) throw new TypeError(`children must be a list, or lists by type, not ${describe(answers)}`);
    if (isList(answers)) for (const answer of answers) flattenOne(answer, answer.objectType, parent, listed);
    else for (const [objectType, ofType] of Object.entries(answers)) flattenType(objectType, ofType, parent, listed);
}

function flattenType(objectType: string, answers: readonly ListedChild[] | undefined, parent: number | undefined, listed: Listed): void {
    if (answers === undefined) return;
    if (!Array.isArray(answers)) throw new TypeError(`children of ${objectType} must be a list, not ${describe(answers)}: leave out what is not stated`);
    if (answers.length === 0) listed.noneOf.add(objectType);
    for (const answer of answers as readonly ListedChild[]) {
        if ((answer.objectType ?? objectType) !== objectType) throw new TypeError(`a ${answer.objectType} is listed under ${objectType}`);
        flattenOne(answer, objectType, parent, listed);
    }
}

function flattenOne(answer: ListedChild, objectType: string, parent: number | undefined, listed: Listed): void {
    const index = listed.children.length;
    listed.children.push({
        parent,
        objectType: requireText(objectType, "objectType of a child"),
        codeName: optionalText(answer.codeName, "codeName of a child") ?? "",
        guid: optionalText(answer.guid, "guid of a child"),
        displayName: optionalText(answer.displayName, "displayName of a child"),
        fields: fieldList(answer.fields),
    });
    flatten(answer.children, index, listed);
}

/** `Array.isArray` does not narrow a readonly list. */
function isList(children: Children): children is readonly ChildAnswer[] {
    return Array.isArray(children);
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
