// A component around StarlingMonkey, with its Web APIs.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

export function external(id) {
    return id;
}

export async function component({ code, world, wit }) {
    const { componentize } = await engine();
    const folder = await mkdtemp(join(tmpdir(), "lockgate-bundle-"));
    try {
        const sourcePath = join(folder, "bundle.js");
        await writeFile(sourcePath, code);
        // `fetch-event` would export a server of its own. The engine's `fetch` imports all of `wasi:http`,
        // of which a bundle with `lockgate-guest/http` imports a part: both at once cannot be linked.
        const disableFeatures = world === "connector-with-http" ? ["fetch-event", "http"] : ["fetch-event"];
        const made = await componentize({ sourcePath, witPath: wit, worldName: world, disableFeatures });
        return Buffer.from(made.component);
    } finally {
        await rm(folder, { recursive: true });
    }
}

async function engine() {
    try {
        return await import("@bytecodealliance/componentize-js");
    } catch (cause) {
        if (cause.code !== "ERR_MODULE_NOT_FOUND") throw cause;
        throw new Error("StarlingMonkey is not installed: npm install --save-dev --save-exact @bytecodealliance/componentize-js@0.23.0", { cause });
    }
}
