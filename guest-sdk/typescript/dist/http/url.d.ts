/** A URL's parts, as `wasi:http` takes them. QuickJS has no `URL`. */
export interface Parts {
    https: boolean;
    /** Host and port, as it stands. */
    authority: string;
    /** Begins with `/`. */
    pathWithQuery: string;
}
/** The parts of an absolute URL. A fragment is not sent. */
export declare function parseUrl(url: string): Parts;
/** An id from the outside as one step of a path: `../admin` stays an id. */
export declare function segment(id: string): string;
