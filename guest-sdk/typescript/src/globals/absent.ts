/** What the types of ECMAScript declare and an engine may lack: to use it is told, and not `undefined` somewhere. */

const ABSENT = "Intl is not there: this engine knows no languages and regions. Hand on values as they are, and let readers format them";

export function installAbsent(): void {
    if (typeof (globalThis as { Intl?: unknown }).Intl !== "undefined") return;
    const absent = new Proxy(Object.freeze({}), {
        get: (_target, name) => {
            if (typeof name === "symbol") return undefined;
            throw new ReferenceError(ABSENT);
        },
    });
    Object.defineProperty(globalThis, "Intl", { value: absent, writable: true, configurable: true });
}
