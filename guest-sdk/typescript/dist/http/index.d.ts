/**
 * Calls to the external application, over plain `wasi:http` 0.2: `fetch` without its promises, since
 * nothing else of this instance runs meanwhile. The host sends a call only where the manifest asks
 * for its host and the operator grants it; it follows no redirects.
 */
export { HttpError, type Reason } from "./error.js";
export { fetchSync } from "./fetch.js";
export { RESPONSE_BYTES_MAX, type RequestOptions } from "./request.js";
export { Headers, Response } from "./response.js";
export { segment } from "./url.js";
