/** What may be said of a request. */
/** Longest body of an answer that is read, unless the request says otherwise: it leaves room for its translation in an instance's memory. */
export declare const RESPONSE_BYTES_MAX: number;
export interface RequestOptions {
    /** `GET` if left out. */
    readonly method?: string | undefined;
    readonly headers?: Readonly<Record<string, string>> | undefined;
    readonly body?: string | Uint8Array | undefined;
    /** How long to wait for the connection, then for the first byte, then for each next part. Left out: as long as the host waits. */
    readonly timeoutMs?: number | undefined;
    /** Longest body of the answer; a longer one is an error. */
    readonly responseBytesMax?: number | undefined;
}
