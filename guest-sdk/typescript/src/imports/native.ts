/** Stands in for the host where connectors are tested: on Node.js, under vitest or any other runner. `testing.ts` sets it up. */

export const engine: "quickjs" | "starlingmonkey" | "node" = "node";

/** What the stand-in knows and was told. */
export const kept = {
    settings: new Map<string, string>(),
    secrets: new Map<string, string>(),
    state: new Map<string, Uint8Array>(),
    task: {} as { title?: string | undefined; fileName?: string | undefined; site?: string | undefined },
    log: [] as { level: string; message: string }[],
    warnings: [] as { message: string; path: string | undefined }[],
    /** As an operator's grant: bytes of keys and values together. */
    stateBytesMax: 1 << 20,
};

export function log(level: "trace" | "debug" | "info" | "warn" | "error", message: string): void {
    kept.log.push({ level, message });
}

export function warn(message: string, path: string | undefined): void {
    kept.warnings.push({ message, path });
}

/** Nothing: an answer says itself what it has none of. */
export function childrenNone(_objectType: string): void {}

/** Nothing: the answer of the params method says it. */
export function byGuid(_guid: string): void {}

export function taskTitle(): string | undefined {
    return kept.task.title;
}

export function taskFileName(): string | undefined {
    return kept.task.fileName;
}

export function taskSite(): string | undefined {
    return kept.task.site;
}

export function nowMs(): number {
    return Date.now();
}

/** As the host: at most 4,096 bytes a call. */
export function randomBytes(length: number): Uint8Array {
    return Uint8Array.from({ length: Math.min(length, 4_096) }, () => Math.floor(Math.random() * 256));
}

export function setting(key: string): string | undefined {
    return kept.settings.get(key);
}

export function secret(name: string): string | undefined {
    return kept.secrets.get(name);
}

export function stateGet(key: string): Uint8Array | undefined {
    return kept.state.get(key);
}

/** Fails as the contract does. */
export function stateSet(key: string, value: Uint8Array): void {
    const length = utf8Length(key);
    if (length < 1 || length > 256) throw { tag: "invalid-key" };
    let bytes = length + value.length;
    for (const [other, bytesOfOther] of kept.state) if (other !== key) bytes += utf8Length(other) + bytesOfOther.length;
    if (bytes > kept.stateBytesMax) throw { tag: "full", val: kept.stateBytesMax };
    kept.state.set(key, value);
}

export function stateDelete(key: string): void {
    kept.state.delete(key);
}

export function stateKeys(prefix: string): string[] {
    return [...kept.state.keys()].filter((key) => key.startsWith(prefix)).sort();
}

function utf8Length(text: string): number {
    return new TextEncoder().encode(text).length;
}
