/** Stands in for the host where connectors are tested: on Node.js, under vitest or any other runner. `testing.ts` sets it up. */
export const engine = "node";
/** What the stand-in knows and was told. */
export const kept = {
    settings: new Map(),
    secrets: new Map(),
    state: new Map(),
    task: {},
    log: [],
    warnings: [],
    /** As an operator's grant: bytes of keys and values together. */
    stateBytesMax: 1 << 20,
};
export function log(level, message) {
    kept.log.push({ level, message });
}
export function warn(message, path) {
    kept.warnings.push({ message, path });
}
/** Nothing: an answer says itself what it has none of. */
export function childrenNone(_objectType) { }
/** Nothing: the answer of the params method says it. */
export function byGuid(_guid) { }
export function taskTitle() {
    return kept.task.title;
}
export function taskFileName() {
    return kept.task.fileName;
}
export function taskSite() {
    return kept.task.site;
}
export function nowMs() {
    return Date.now();
}
/** As the host: at most 4,096 bytes a call. */
export function randomBytes(length) {
    return Uint8Array.from({ length: Math.min(length, 4_096) }, () => Math.floor(Math.random() * 256));
}
export function setting(key) {
    return kept.settings.get(key);
}
export function secret(name) {
    return kept.secrets.get(name);
}
export function stateGet(key) {
    return kept.state.get(key);
}
/** Fails as the contract does. */
export function stateSet(key, value) {
    const length = utf8Length(key);
    if (length < 1 || length > 256)
        throw { tag: "invalid-key" };
    let bytes = length + value.length;
    for (const [other, bytesOfOther] of kept.state)
        if (other !== key)
            bytes += utf8Length(other) + bytesOfOther.length;
    if (bytes > kept.stateBytesMax)
        throw { tag: "full", val: kept.stateBytesMax };
    kept.state.set(key, value);
}
export function stateDelete(key) {
    kept.state.delete(key);
}
export function stateKeys(prefix) {
    return [...kept.state.keys()].filter((key) => key.startsWith(prefix)).sort();
}
function utf8Length(text) {
    return new TextEncoder().encode(text).length;
}
