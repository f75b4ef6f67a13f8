// What `lockgate-guest build` puts into the bundle, and the few globals that both engines have through
// this package. Web APIs beyond them exist on StarlingMonkey only, so they are not declared here.

/** The engine that the bundle is for; `node` for unit tests. */
declare const ENGINE: "quickjs" | "starlingmonkey" | "node";

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

declare class TextDecoder {
    constructor(encoding?: string, options?: { fatal?: boolean; ignoreBOM?: boolean });
    decode(bytes?: Uint8Array): string;
}
declare class TextEncoder {
    encode(text?: string): Uint8Array;
}
/** Randomness of the host. */
declare var crypto: {
    getRandomValues<T extends Uint8Array | Uint16Array | Uint32Array>(array: T): T;
    randomUUID(): string;
};
declare var performance: { now(): number };
declare function atob(text: string): string;
declare function btoa(text: string): string;
