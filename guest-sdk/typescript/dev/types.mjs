// Types of the contract, made of its WIT by jco, without the version in the names of the modules:
// the source does not name one either. `npm run types` after the contract changed.

import { spawnSync } from "node:child_process";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const WIT = fileURLToPath(new URL("../wit", import.meta.url));
const target = resolve(process.argv[2] ?? "types");
const made = join(tmpdir(), `lockgate-types-${process.pid}`);
// Its program stands beside its library.
const jco = fileURLToPath(new URL("jco.js", import.meta.resolve("@bytecodealliance/jco")));
const run = spawnSync(process.execPath, [jco, "guest-types", WIT, "-n", "connector-with-http", "-o", made, "--quiet"], { stdio: ["ignore", "ignore", "inherit"] });
if (run.status !== 0) process.exit(run.status ?? 1);

await rm(target, { recursive: true, force: true });
await mkdir(target, { recursive: true });
const folder = join(made, "interfaces");
for (const file of (await readdir(folder)).sort()) {
    const text = await readFile(join(folder, file), "utf8");
    await writeFile(join(target, file), text.replaceAll(/@[0-9]+\.[0-9]+\.[0-9]+/g, ""));
}
await rm(made, { recursive: true });
