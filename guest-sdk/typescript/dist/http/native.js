/** Stands in for the host's HTTP where connectors are tested. */
import { HttpError } from "./error.js";
import { RESPONSE_BYTES_MAX } from "./request.js";
import { parseUrl } from "./url.js";
export const calls = { answer: undefined };
export function send(url, options) {
    parseUrl(url);
    if (calls.answer === undefined)
        throw new HttpError("denied", `nobody answers ${options.method ?? "GET"} ${url} in this test`);
    const response = calls.answer(url, options);
    const bytesMax = options.responseBytesMax ?? RESPONSE_BYTES_MAX;
    if (response.bytes().length > bytesMax)
        throw new HttpError("too-large", `the answer is longer than ${bytesMax} bytes`);
    return response;
}
