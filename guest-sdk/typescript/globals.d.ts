// The globals that both engines have through this package, and no more: `tsc` finds what would be missing. They are asked for
// with `"types": ["lockgate-guest/globals"]`, as `lockgate-guest/tsconfig.base.json` does. Tests that run on Node.js have `@types/node`
// in place of them.

interface Console {
    trace(...parts: unknown[]): void;
    debug(...parts: unknown[]): void;
    log(...parts: unknown[]): void;
    info(...parts: unknown[]): void;
    warn(...parts: unknown[]): void;
    error(...parts: unknown[]): void;
}
/** Its lines go to the task's log. */
declare var console: Console;

interface TextDecoder {
    decode(bytes?: Uint8Array): string;
}
/** UTF-8 alone, and nothing is replaced: what is no UTF-8 is a `TypeError`. */
declare var TextDecoder: {
    new (label: "utf-8" | "utf8", options: { fatal: true; ignoreBOM?: boolean }): TextDecoder;
};
interface TextEncoder {
    encode(text?: string): Uint8Array;
}
declare var TextEncoder: { new (): TextEncoder };

/** Randomness of the host. */
declare var crypto: {
    getRandomValues<T extends Uint8Array | Uint16Array | Uint32Array>(array: T): T;
    randomUUID(): string;
};
/** The host's time, in milliseconds since 1970. */
declare var performance: { now(): number };
declare function atob(text: string): string;
declare function btoa(text: string): string;
declare function queueMicrotask(callback: () => void): void;

declare namespace Intl {
    /** @deprecated Neither engine has it: to use it is a `ReferenceError`. `toLocaleString` and its like ignore the locale. */
    type NotThere = never;
}
