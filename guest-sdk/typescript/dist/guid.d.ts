/** GUIDs that come out the same for every task. */
/**
 * The UUIDv5 of `name` in the namespace that `namespace` names, so that the same external object has
 * the same GUID in every task, and in connectors of every language.
 */
export declare function guidFromName(namespace: string, name: string): string;
