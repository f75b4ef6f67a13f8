// A component around QuickJS, without any WASI but the `wasi:http` that the bundle imports.
import { componentize } from "componentize-qjs";
import { withRenamed } from "./wit.mjs";

// `stubWasi` cuts off every import whose package is `wasi`, the bundle's own too, and the snapshot is
// taken with a host that knows `wasi:io` and not `wasi:http`. So the bundle's interfaces go under a
// name of the same length while the component is made, and get theirs back at the end; the engine's,
// which are answered inside of the component by then, make room for them.
const OURS = "wqjs";
const CUT_OFF = "stub";
const NAMES = /\b(wasi|wqjs):((?:http|io|clocks)\/[a-z-]+@[0-9.]+)/g;

/** What a bundle has to import in place of `id`. */
export function external(id) {
    return id.replace(/^wasi:/, `${OURS}:`);
}

export async function component({ code, world, wit }) {
    return withRenamed(
        wit,
        (text) => text.replaceAll(/\bwasi:(http|io|clocks)\b/g, `${OURS}:$1`),
        async (witPath) => {
            const made = await componentize({ witPath, world, jsSource: code, sync: true, stubWasi: true });
            return Buffer.from(made.component.toString("latin1").replaceAll(NAMES, swap), "latin1");
        },
    );
}

function swap(_whole, scheme, rest) {
    return `${scheme === OURS ? "wasi" : CUT_OFF}:${rest}`;
}
