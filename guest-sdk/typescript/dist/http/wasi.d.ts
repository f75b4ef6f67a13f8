/** One call through `wasi:http` 0.2, from request to the last byte of the answer. */
import { type RequestOptions } from "./request.js";
import { Response } from "./response.js";
/** Sends a request and reads the answer to its end. */
export declare function send(url: string, options: RequestOptions): Response;
