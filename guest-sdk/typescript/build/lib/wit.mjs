// The contract that a bundle is built against: the one of the `lockgate-guest` that the project has.
import { existsSync, realpathSync } from "node:fs";
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The folder of the project's `lockgate-guest`. In its own repository it is above this one. */
export function home(project) {
    try {
        return dirname(realpathSync(createRequire(join(project, "package.json")).resolve("lockgate-guest/package.json")));
    } catch (cause) {
        const above = fileURLToPath(new URL("../..", import.meta.url));
        if (existsSync(join(above, "wit/connector.wit"))) return above.replace(/[/\\]$/, "");
        throw new Error(`lockgate-guest is not installed in ${project}: npm install lockgate-guest`, { cause });
    }
}

/** Its WIT. */
export function witOf(home) {
    return join(home, "wit");
}

/** Interfaces with their versions, by what the source calls them: `lockgate:connector/log`. */
export async function versions(wit) {
    const found = new Map();
    for (const file of ["connector.wit", "deps/clocks.wit", "deps/http.wit", "deps/io.wit"]) {
        const text = await readFile(join(wit, file), "utf8");
        const [, name, version] = /^package ([a-z:]+)@([0-9.]+);/m.exec(text) ?? [];
        if (name === undefined) throw new Error(`${file} does not say which package it is`);
        found.set(name, version);
    }
    return (id) => {
        const name = id.slice(0, id.indexOf("/"));
        if (!found.has(name)) throw new Error(`no package ${name} in ${wit}`);
        return `${id}@${found.get(name)}`;
    };
}

/** The world for what a bundle imports: `wasi:http` only where it is used. */
export function world(imports) {
    return imports.some((id) => id.startsWith("wasi:http/")) ? "connector-with-http" : "connector";
}

/** A copy of the contract in which `rename` was applied to every text, for as long as `use` takes. */
export async function withRenamed(wit, rename, use) {
    const folder = await mkdtemp(join(tmpdir(), "lockgate-wit-"));
    try {
        await cp(wit, folder, { recursive: true });
        for (const file of await readdir(folder, { recursive: true })) {
            if (!file.endsWith(".wit")) continue;
            const path = join(folder, file);
            await writeFile(path, rename(await readFile(path, "utf8")));
        }
        return await use(folder);
    } finally {
        await rm(folder, { recursive: true });
    }
}
