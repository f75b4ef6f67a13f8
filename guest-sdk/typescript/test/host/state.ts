const kept = new Map<string, Uint8Array>();
export const get = (key: string): Uint8Array | undefined => kept.get(key);
export const set = (key: string, value: Uint8Array): void => {
    // As StarlingMonkey tells it.
    if (key === "") throw { payload: { tag: "invalid-key" } };
    // As QuickJS does.
    if (value.length > 100) throw { tag: "full", val: 100 };
    kept.set(key, value);
};
const remove = (key: string): void => void kept.delete(key);
export { remove as delete };
export const keys = (prefix: string): string[] => [...kept.keys()].filter((key) => key.startsWith(prefix)).sort();
