/** `Math.random` and `crypto` draw from the host. */

import { random } from "../host.js";

/** Drawn at a time for `Math.random`. */
const POOL_BYTES = 512;
let pool = new DataView(new ArrayBuffer(0));
let next = 0;

function unit(): number {
    if (next === pool.byteLength) {
        pool = new DataView(random.bytes(POOL_BYTES).buffer as ArrayBuffer);
        next = 0;
    }
    const high = pool.getUint32(next) >>> 5;
    const low = pool.getUint32(next + 4) >>> 6;
    next += 8;
    // 53 bits, as many as a number holds.
    return (high * 0x4000000 + low) / 0x20000000000000;
}

function getRandomValues<T extends Uint8Array | Uint16Array | Uint32Array>(array: T): T {
    new Uint8Array(array.buffer, array.byteOffset, array.byteLength).set(random.bytes(array.byteLength));
    return array;
}

function randomUUID(): string {
    const bytes = getRandomValues(new Uint8Array(16));
    bytes[6] = ((bytes[6] as number) & 0x0f) | 0x40;
    bytes[8] = ((bytes[8] as number) & 0x3f) | 0x80;
    const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

export function installRandom(): void {
    Math.random = unit;
    const native = (globalThis as { crypto?: object }).crypto ?? {};
    const crypto = Object.assign(Object.create(native), { getRandomValues, randomUUID });
    Object.defineProperty(globalThis, "crypto", { value: crypto, writable: true, configurable: true });
}
