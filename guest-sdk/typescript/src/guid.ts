/** GUIDs that come out the same for every task. */

import { encodeUtf8 } from "./utf8.js";

/** RFC 9562's namespace of URLs. */
const NAMESPACE_URL = "6ba7b811-9dad-11d1-80b4-00c04fd430c8";

/**
 * The UUIDv5 of `name` in the namespace that `namespace` names, so that the same external object has
 * the same GUID in every task, and in connectors of every language.
 */
export function guidFromName(namespace: string, name: string): string {
    return version5(version5(NAMESPACE_URL, namespace), name);
}

function version5(namespace: string, name: string): string {
    const space = Uint8Array.from(namespace.replaceAll("-", "").match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
    const text = encodeUtf8(name);
    const input = new Uint8Array(16 + text.length);
    input.set(space);
    input.set(text, 16);
    const hash = sha1(input).subarray(0, 16);
    hash[6] = ((hash[6] as number) & 0x0f) | 0x50;
    hash[8] = ((hash[8] as number) & 0x3f) | 0x80;
    const hex = Array.from(hash, (byte) => byte.toString(16).padStart(2, "0")).join("");
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

/** FIPS 180-4. For names only: it resists nobody. */
function sha1(input: Uint8Array): Uint8Array {
    const padded = new DataView(new ArrayBuffer(((input.length + 8) >> 6) * 64 + 64));
    new Uint8Array(padded.buffer).set(input);
    padded.setUint8(input.length, 0x80);
    padded.setUint32(padded.byteLength - 8, Math.floor(input.length / 0x20000000));
    padded.setUint32(padded.byteLength - 4, input.length << 3);
    const state = new Uint32Array([0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0]);
    const words = new Uint32Array(80);
    for (let block = 0; block < padded.byteLength; block += 64) {
        for (let i = 0; i < 80; i++) {
            words[i] = i < 16 ? padded.getUint32(block + i * 4) : rotate(at(words, i - 3) ^ at(words, i - 8) ^ at(words, i - 14) ^ at(words, i - 16), 1);
        }
        let [a, b, c, d, e] = state as unknown as [number, number, number, number, number];
        for (let i = 0; i < 80; i++) {
            const [mixed, constant] =
                i < 20 ? [(b & c) | (~b & d), 0x5a827999] : i < 40 ? [b ^ c ^ d, 0x6ed9eba1] : i < 60 ? [(b & c) | (b & d) | (c & d), 0x8f1bbcdc] : [b ^ c ^ d, 0xca62c1d6];
            const next = (rotate(a, 5) + mixed + e + constant + at(words, i)) | 0;
            [e, d, c, b, a] = [d, c, rotate(b, 30), a, next];
        }
        for (const [i, word] of [a, b, c, d, e].entries()) state[i] = at(state, i) + word;
    }
    const digest = new DataView(new ArrayBuffer(20));
    for (const [i, word] of state.entries()) digest.setUint32(i * 4, word);
    return new Uint8Array(digest.buffer);
}

function at(words: Uint32Array, index: number): number {
    return words[index] as number;
}

function rotate(word: number, bits: number): number {
    return (word << bits) | (word >>> (32 - bits));
}
