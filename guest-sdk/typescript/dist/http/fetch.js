/** `fetch` without its promises. */
import { send } from "#calls";
/** Sends a request and reads the answer to its end. Any status is an answer: see `Response.success`. */
export function fetchSync(url, options = {}) {
    return send(url, options);
}
