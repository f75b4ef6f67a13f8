/** UTF-8, for QuickJS, which has no `TextDecoder`. */
/** The text; throws a `TypeError` at what is not UTF-8. */
export declare function decodeUtf8(bytes: Uint8Array): string;
/** As {@link decodeUtf8}, without the platform's help: the engine searches, and what is not ASCII is decoded here. */
export declare function decode(bytes: Uint8Array): string;
export declare function encodeUtf8(text: string): Uint8Array;
