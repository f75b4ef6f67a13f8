/** What may be said of a request. */
/** Longest body of an answer that is read, unless the request says otherwise: it leaves room for its translation in an instance's memory. */
export const RESPONSE_BYTES_MAX = 8 << 20;
