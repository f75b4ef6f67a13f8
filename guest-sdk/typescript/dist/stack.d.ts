/** Where an error came from: frames of the bundle, told as lines of the author's source. */
/** What `lockgate-guest build` leaves in the bundle; `build/source-map.mjs` makes it. */
export interface SourceMap {
    /** Source files, as paths from the project. */
    sources: string[];
    /** For each line of the bundle its segments, `column source line column` in base 36 and from 0, with commas between them. */
    lines: string[];
}
export interface Frame {
    /** Name of the function, empty if it has none. */
    name: string;
    /** For example `src/connector.ts:14:9`. */
    place: string;
    /** Whether it is in the author's own source, and not in a package. */
    own: boolean;
}
declare global {
    /** Set by the last line of the bundle. */
    var lockgateSourceMap: SourceMap | undefined;
}
/** Innermost first. Frames of the engine and of this package are left out. */
export declare function frames(error: unknown): Frame[];
/** The innermost place in the author's own source. */
export declare function place(frames: Frame[]): string | undefined;
