/** What a component imports. Where a connector is tested, `native.ts` stands in: see `imports` in package.json. */
import * as logs from "lockgate:connector/log";
export declare const childrenNone: (objectType: string) => void;
export declare const nowMs: () => number;
export declare const byGuid: (guid: string) => void;
export declare const log: (level: logs.Level, message: string) => void;
export declare const randomBytes: (len: number) => Uint8Array<ArrayBufferLike>;
export declare const secret: (name: string) => string | undefined;
export declare const setting: (key: string) => string | undefined;
export declare const stateDelete: (key: string) => void;
export declare const stateGet: (key: string) => Uint8Array<ArrayBufferLike> | undefined;
export declare const stateKeys: (prefix: string) => string[];
export declare const stateSet: (key: string, value: Uint8Array<ArrayBufferLike>) => void;
export declare const taskFileName: () => string | undefined;
export declare const taskSite: () => string | undefined;
export declare const taskTitle: () => string | undefined;
export declare const warn: (message: string, path: string | undefined) => void;
/** The engine that this runs on. */
export declare const engine: "quickjs" | "starlingmonkey" | "node";
