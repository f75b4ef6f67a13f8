/** What the external application handed in. */
import { type JsonOptions } from "./json.js";
export declare class External {
    /** For example `application/json`. */
    readonly mediaType: string;
    /** Byte for byte as it came. */
    readonly body: Uint8Array;
    constructor(
    /** For example `application/json`. */
    mediaType: string, 
    /** Byte for byte as it came. */
    body: Uint8Array);
    /** The body as UTF-8 text. Anything else is an {@link InvalidError}. */
    text(): string;
    /** The body as JSON, taken for a `T` unchecked. What is no JSON is an {@link InvalidError}. */
    json<T = unknown>(options?: JsonOptions): T;
    /** As {@link json}, for a body that is one JSON object. A list of them is an {@link InvalidError}, and anything else. */
    jsonObject<T extends object = Record<string, unknown>>(options?: JsonOptions): T;
}
