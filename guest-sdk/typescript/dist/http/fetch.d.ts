/** `fetch` without its promises. */
import type { RequestOptions } from "./request.js";
import type { Response } from "./response.js";
/** Sends a request and reads the answer to its end. Any status is an answer: see `Response.success`. */
export declare function fetchSync(url: string, options?: RequestOptions): Response;
