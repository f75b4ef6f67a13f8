// From an author's file to a component.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { bundle } from "./bundle.mjs";
import { withManifest } from "./manifest.mjs";
import { inSource } from "./source-map.mjs";
import { home, versions, witOf, world } from "./wit.mjs";

const ENGINES = { quickjs: "./quickjs.mjs", starlingmonkey: "./starlingmonkey.mjs" };

/** Builds it and answers its size in bytes. `check` runs `tsc` first, which bundling does not replace. */
export async function build({ project, entry, out, engine, check }) {
    if (!Object.hasOwn(ENGINES, engine)) throw new Error(`no engine ${JSON.stringify(engine)}: there are ${Object.keys(ENGINES).join(" and ")}`);
    const source = resolve(project, entry);
    if (!existsSync(source)) throw new Error(`no file ${source}`);
    if (check) typeCheck(project);
    const { component, external } = await import(ENGINES[engine]);
    const sdk = home(project);
    const wit = witOf(sdk);
    const versioned = await versions(wit);
    const host = (id) => ({ id: external(versioned(id)), external: true });
    const { code, imports, map } = await bundle({ project, entry: source, engine, host, sdk });
    const made = await component({ code, wit, world: world(imports.map((id) => id.replace(/^wqjs:/, "wasi:"))) }).catch((error) => {
        // The engine runs the module once, and names places of the bundle.
        throw new Error(inSource(error instanceof Error ? error.message : String(error), map), { cause: error });
    });
    const manifest = join(project, "manifest.toml");
    const whole = existsSync(manifest) ? withManifest(made, await readFile(manifest, "utf8")) : made;
    await mkdir(dirname(out), { recursive: true });
    await writeFile(out, whole);
    return whole.length;
}

function typeCheck(project) {
    if (!existsSync(join(project, "tsconfig.json"))) return;
    const tsc = createRequire(import.meta.url)
        .resolve("typescript/package.json")
        .replace(/package\.json$/, "bin/tsc");
    const run = spawnSync(process.execPath, [tsc, "-p", project], { stdio: "inherit" });
    if (run.status !== 0) throw new Error("the types do not fit");
}
