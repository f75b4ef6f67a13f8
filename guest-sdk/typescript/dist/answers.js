/** What `prepareInternalObject` answers. Everything is checked where it is made, so that a mistake shows with its line. */
import { describe, optionalBoolean, optionalInteger, optionalText, requireText } from "./check.js";
import { toValues } from "./value.js";
/** The answer of `prepareInternalObject`: made by {@link object}, {@link page} or {@link skip}. */
export class Prepared {
    wire;
    noneOf;
    /** What was given to {@link object}. */
    object;
    /** What was given to {@link page}. */
    page;
    /** What was given to {@link skip}. */
    skip;
    /** @internal */
    constructor(
    /** @internal */
    wire, 
    /** @internal Types of which there are no children. */
    noneOf, answer) {
        this.wire = wire;
        this.noneOf = noneOf;
        this.object = answer.object;
        this.page = answer.page;
        this.skip = answer.skip;
    }
}
/** The external object becomes this object. */
export function object(answer) {
    requireLiteral(answer, "object(…)");
    const listed = { children: [], noneOf: new Set() };
    flatten(answer.children, undefined, listed);
    const wire = {
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
export function page(answer) {
    requireLiteral(answer, "page(…)");
    const wire = {
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
export function skip(reason) {
    return new Prepared({ tag: "skip", val: requireText(reason, "the reason") }, [], { skip: reason });
}
/** A child object, checked here and now. A plain literal does as well. */
export function child(answer) {
    requireLiteral(answer, "child(…)");
    requireText(answer.codeName, "codeName");
    return answer;
}
/** A binding: a child that is identified by what its fields refer to, so without a code name. */
export function binding(objectType, fields) {
    return { objectType: requireText(objectType, "objectType"), fields };
}
function requireLiteral(answer, call) {
    if (typeof answer !== "object" || answer === null || Array.isArray(answer))
        throw new TypeError(`${call} takes an object, not ${describe(answer)}`);
}
function fieldList(fields) {
    const list = [];
    for (const [name, value] of Object.entries(fields ?? {})) {
        // A list of references is several fields of one name.
        for (const one of toValues(value, name))
            list.push({ name, value: one });
    }
    return list;
}
/** Children before their own children: the contract wants a parent earlier in the list. */
function flatten(answers, parent, listed) {
    if (answers === undefined)
        return;
    if (typeof answers !== "object" || answers === null)
        throw new TypeError(`children must be a list, or lists by type, not ${describe(answers)}`);
    if (isList(answers))
        for (const answer of answers)
            flattenOne(answer, answer.objectType, parent, listed);
    else
        for (const [objectType, ofType] of Object.entries(answers))
            flattenType(objectType, ofType, parent, listed);
}
function flattenType(objectType, answers, parent, listed) {
    if (answers === undefined)
        return;
    if (!Array.isArray(answers))
        throw new TypeError(`children of ${objectType} must be a list, not ${describe(answers)}: leave out what is not stated`);
    if (answers.length === 0)
        listed.noneOf.add(objectType);
    for (const answer of answers) {
        if ((answer.objectType ?? objectType) !== objectType)
            throw new TypeError(`a ${answer.objectType} is listed under ${objectType}`);
        flattenOne(answer, objectType, parent, listed);
    }
}
function flattenOne(answer, objectType, parent, listed) {
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
function isList(children) {
    return Array.isArray(children);
}
function pageParent(parent) {
    if (parent === undefined || parent === null)
        return undefined;
    if (parent === "root")
        return { tag: "root" };
    if ("external" in parent) {
        return { tag: "external", val: { id: requireText(parent.external, "parent.external"), className: requireText(parent.className, "parent.className") } };
    }
    if ("nodeGuid" in parent)
        return { tag: "node-guid", val: requireText(parent.nodeGuid, "parent.nodeGuid") };
    return { tag: "path", val: requireText(parent.path, "parent.path") };
}
