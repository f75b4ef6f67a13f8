/** UTF-8, for QuickJS, which has no `TextDecoder`. */

import { engine } from "#host";

/** Code units that `String.fromCharCode` takes at a time. */
const PART = 8_192;

/** The text; throws a `TypeError` at what is not UTF-8. */
export function decodeUtf8(bytes: Uint8Array): string {
    if (engine !== "quickjs") return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    return decode(bytes);
}

/** As {@link decodeUtf8}, without the platform's help: the engine searches, and what is not ASCII is decoded here. */
export function decode(bytes: Uint8Array): string {
    return fromUnits(bytes).replace(/[\x80-\xff]+/g, (run, at: number) => decodeRun(bytes.subarray(at, at + run.length), at));
}

export function encodeUtf8(text: string): Uint8Array {
    const bytes: number[] = [];
    for (const char of text) {
        const code = char.codePointAt(0) ?? 0;
        // A lone surrogate has no UTF-8: U+FFFD stands for it.
        const point = code >= 0xd800 && code <= 0xdfff ? 0xfffd : code;
        if (point < 0x80) bytes.push(point);
        else if (point < 0x800) bytes.push(0xc0 | (point >> 6), tail(point));
        else if (point < 0x10000) bytes.push(0xe0 | (point >> 12), tail(point >> 6), tail(point));
        else bytes.push(0xf0 | (point >> 18), tail(point >> 12), tail(point >> 6), tail(point));
    }
    return new Uint8Array(bytes);
}

function tail(bits: number): number {
    return 0x80 | (bits & 0x3f);
}

function fromUnits(units: Uint8Array | Uint16Array): string {
    let text = "";
    for (let at = 0; at < units.length; at += PART) text += String.fromCharCode.apply(null, units.subarray(at, at + PART) as unknown as number[]);
    return text;
}

/** Bytes that stand at `from` in a longer text. */
function decodeRun(bytes: Uint8Array, from: number): string {
    // Never more units than bytes.
    const units = new Uint16Array(bytes.length);
    let length = 0;
    for (let at = 0; at < bytes.length; ) {
        const lead = bytes[at++] as number;
        if (lead < 0x80) {
            units[length++] = lead;
            continue;
        }
        const more = lead >= 0xc2 && lead < 0xe0 ? 1 : lead >= 0xe0 && lead < 0xf0 ? 2 : lead >= 0xf0 && lead < 0xf5 ? 3 : 0;
        let point = lead & (0x3f >> more);
        for (let left = more; left > 0; left--) {
            const next = bytes[at++];
            if (next === undefined || (next & 0xc0) !== 0x80) throw malformed(from + at - 1);
            point = (point << 6) | (next & 0x3f);
        }
        const least = [0x110000, 0x80, 0x800, 0x10000][more] as number;
        if (point < least || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff)) throw malformed(from + at - 1);
        if (point < 0x10000) units[length++] = point;
        else {
            units[length++] = 0xd7c0 + (point >> 10);
            units[length++] = 0xdc00 | (point & 0x3ff);
        }
    }
    return fromUnits(units.subarray(0, length));
}

function malformed(at: number): TypeError {
    return new TypeError(`no UTF-8 at byte ${at}`);
}
