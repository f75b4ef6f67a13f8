/** What QuickJS lacks for text, and a `JSON.parse` that deep nesting does not end the instance with. */

import { engine } from "#host";
import { parseGuarded } from "../json.js";
import { decodeUtf8, encodeUtf8 } from "../utf8.js";

class Utf8Decoder {
    constructor(
        encoding = "utf-8",
        private readonly options: { fatal?: boolean; ignoreBOM?: boolean } = {},
    ) {
        if (!/^utf-?8$/i.test(encoding)) throw new RangeError(`this TextDecoder knows UTF-8 only, not ${encoding}`);
        if (!options.fatal) throw new RangeError("this TextDecoder has no replacement characters: say { fatal: true }");
    }

    decode(bytes: Uint8Array = new Uint8Array()): string {
        const text = decodeUtf8(bytes);
        return !this.options.ignoreBOM && text.startsWith("\ufeff") ? text.slice(1) : text;
    }
}

class Utf8Encoder {
    encode(text = ""): Uint8Array {
        return encodeUtf8(text);
    }
}

export function installText(): void {
    if (engine !== "quickjs") return;
    JSON.parse = parseGuarded;
    Object.assign(globalThis, { TextDecoder: Utf8Decoder, TextEncoder: Utf8Encoder });
}
