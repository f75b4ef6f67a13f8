// Bundles each file of test/ for Node.js, with stand-ins for the host, and runs them.
import { spawnSync } from "node:child_process";
import { mkdtemp, readdir, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { bundle } from "./bundle.mjs";

const project = await realpath(resolve(process.argv[2] ?? "."));
const folder = await mkdtemp(join(tmpdir(), "lockgate-tests-"));
try {
    const files = (await readdir(join(project, "test"))).filter((file) => file.endsWith(".test.ts"));
    for (const file of files) {
        const virtual = `import ${JSON.stringify(join(project, "test", file))};`;
        const host = (id) => join(project, "test/host", `${id.replace(/^.*\//, "")}.ts`);
        const { code } = await bundle({ project, engine: "node", host, virtual });
        await writeFile(join(folder, file.replace(/ts$/, "mjs")), code);
    }
    const run = spawnSync(process.execPath, ["--test", ...files.map((file) => join(folder, file.replace(/ts$/, "mjs")))], { stdio: "inherit" });
    process.exitCode = run.status ?? 1;
} finally {
    await rm(folder, { recursive: true });
}
