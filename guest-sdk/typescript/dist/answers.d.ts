/** What `prepareInternalObject` answers. Everything is checked where it is made, so that a mistake shows with its line. */
import { type FieldValue } from "./value.js";
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
export type Children = readonly ChildAnswer[] | {
    readonly [objectType: string]: readonly ListedChild[] | undefined;
};
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
export type PageParent = "root" | {
    external: string;
    className: string;
} | {
    nodeGuid: string;
} | {
    path: string;
};
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
export declare class Prepared {
    /** What was given to {@link object}. */
    readonly object: ObjectAnswer | undefined;
    /** What was given to {@link page}. */
    readonly page: PageAnswer | undefined;
    /** What was given to {@link skip}. */
    readonly skip: string | undefined;
}
/** The external object becomes this object. */
export declare function object(answer: ObjectAnswer): Prepared;
/** The external object becomes this page, in one culture. */
export declare function page(answer: PageAnswer): Prepared;
/** Nothing to do, and why. The task is done. */
export declare function skip(reason: string): Prepared;
/** A child object, checked here and now. A plain literal does as well. */
export declare function child(answer: ChildAnswer & {
    codeName: string;
}): ChildAnswer;
/** A binding: a child that is identified by what its fields refer to, so without a code name. */
export declare function binding(objectType: string, fields: Fields): ChildAnswer;
