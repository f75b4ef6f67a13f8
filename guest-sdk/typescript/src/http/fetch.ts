/** `fetch` without its promises. */

import { send } from "#calls";
import type { RequestOptions } from "./request.js";
import type { Response } from "./response.js";

/** Sends a request and reads the answer to its end. Any status is an answer: see `Response.success`. */
export function fetchSync(url: string, options: RequestOptions = {}): Response {
    return send(url, options);
}
