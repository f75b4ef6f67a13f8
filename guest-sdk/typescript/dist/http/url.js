/** A URL's parts, as `wasi:http` takes them. QuickJS has no `URL`. */
import { HttpError } from "./error.js";
/** The parts of an absolute URL. A fragment is not sent. */
export function parseUrl(url) {
    const parts = /^(https?):\/\/([^/?#]+)([^#]*)/i.exec(url);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused.
    if (!parts || /[\s\x00-\x1f\x7f-\x9f]/.test(url))
        throw new HttpError("invalid", `no URL that can be called: ${JSON.stringify(url)}`);
    const [, scheme = "", authority = "", path = ""] = parts;
    return { https: scheme.toLowerCase() === "https", authority, pathWithQuery: path.startsWith("/") ? path : `/${path}` };
}
/** An id from the outside as one step of a path: `../admin` stays an id. */
export function segment(id) {
    // Nothing but dots would be a step up or none at all, and `encodeURIComponent` leaves dots.
    const encoded = encodeURIComponent(id);
    return /^\.+$/.test(encoded) ? encoded.replaceAll(".", "%2E") : encoded;
}
