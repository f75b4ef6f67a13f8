/** Stands in for the host where connectors are tested: on Node.js, under vitest or any other runner. `testing.ts` sets it up. */
export declare const engine: "quickjs" | "starlingmonkey" | "node";
/** What the stand-in knows and was told. */
export declare const kept: {
    settings: Map<string, string>;
    secrets: Map<string, string>;
    state: Map<string, Uint8Array<ArrayBufferLike>>;
    task: {
        title?: string | undefined;
        fileName?: string | undefined;
        site?: string | undefined;
    };
    log: {
        level: string;
        message: string;
    }[];
    warnings: {
        message: string;
        path: string | undefined;
    }[];
    /** As an operator's grant: bytes of keys and values together. */
    stateBytesMax: number;
};
export declare function log(level: "trace" | "debug" | "info" | "warn" | "error", message: string): void;
export declare function warn(message: string, path: string | undefined): void;
/** Nothing: an answer says itself what it has none of. */
export declare function childrenNone(_objectType: string): void;
/** Nothing: the answer of the params method says it. */
export declare function byGuid(_guid: string): void;
export declare function taskTitle(): string | undefined;
export declare function taskFileName(): string | undefined;
export declare function taskSite(): string | undefined;
export declare function nowMs(): number;
/** As the host: at most 4,096 bytes a call. */
export declare function randomBytes(length: number): Uint8Array;
export declare function setting(key: string): string | undefined;
export declare function secret(name: string): string | undefined;
export declare function stateGet(key: string): Uint8Array | undefined;
/** Fails as the contract does. */
export declare function stateSet(key: string, value: Uint8Array): void;
export declare function stateDelete(key: string): void;
export declare function stateKeys(prefix: string): string[];
