/** JSON from outside, read with the same guards wherever it comes from. */
/** Deepest nesting of arrays and objects that is read, in the SDK of every language: QuickJS's own parser recurses, and deep nesting ends the instance. */
export declare const JSON_DEPTH_MAX = 128;
export interface JsonOptions {
    /**
     * `"text"`: every number comes as the text of its digits, exact however long: `"19.99"`, `"9007199254740993"`. That is what
     * `decimal` and `integer` take. Left out: as JavaScript's numbers, which round both.
     */
    readonly numbers?: "text" | undefined;
}
/**
 * One JSON document, else a `SyntaxError`: also for what is nested more than {@link JSON_DEPTH_MAX} deep, for numbers that
 * JavaScript would take for infinite, and for texts with half of a surrogate pair. A byte order mark before it means nothing.
 */
export declare function parseJson<T = unknown>(text: string, options?: JsonOptions): T;
/** In place of `JSON.parse`, with its parameters. */
export declare function parseGuarded(text: string, reviver?: Parameters<typeof JSON.parse>[1]): ReturnType<typeof JSON.parse>;
