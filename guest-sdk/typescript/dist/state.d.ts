/** What a connector keeps from task to task, for example a sync token. */
/**
 * Bytes under keys of 1 to 256 bytes, where the manifest says `state = true` and the operator grants
 * it. What a task writes is stored together with its effects, or not at all if it fails.
 */
export declare const state: {
    /** `undefined`: never written, deleted, or not granted. */
    readonly get: (key: string) => Uint8Array | undefined;
    /** As {@link get}, as text. */
    readonly getText: (key: string) => string | undefined;
    readonly set: (key: string, value: Uint8Array | string) => void;
    /** Deleting what is not there is no error. */
    readonly delete: (key: string) => void;
    /** Keys that begin so, ascending; none where the state is not granted. */
    readonly keys: (prefix?: string) => string[];
};
/** What an import failed with: QuickJS throws it as it is, StarlingMonkey as the `payload` of an object of its own. */
export declare function payload(thrown: unknown): unknown;
