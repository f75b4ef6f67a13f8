/** Stands in for the host's HTTP where connectors are tested. */

import { HttpError } from "./error.js";
import { RESPONSE_BYTES_MAX, type RequestOptions } from "./request.js";
import type { Response } from "./response.js";
import { parseUrl } from "./url.js";

/** Answers a call of the connector, in a test. */
export type AnswerCall = (url: string, options: RequestOptions) => Response;

export const calls: { answer: AnswerCall | undefined } = { answer: undefined };

export function send(url: string, options: RequestOptions): Response {
    parseUrl(url);
    if (calls.answer === undefined) throw new HttpError("denied", `nobody answers ${options.method ?? "GET"} ${url} in this test`);
    const response = calls.answer(url, options);
    const bytesMax = options.responseBytesMax ?? RESPONSE_BYTES_MAX;
    if (response.bytes().length > bytesMax) throw new HttpError("too-large", `the answer is longer than ${bytesMax} bytes`);
    return response;
}
