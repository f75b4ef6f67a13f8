// What `lockgate-guest build` puts into the bundle.

/** The engine that the bundle is for. */
declare const ENGINE: "quickjs" | "starlingmonkey";
