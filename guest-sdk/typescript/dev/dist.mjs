// What npm packs of `src/`: JavaScript and types, made by tsc. Kept in the repository, as what jco makes of the contract is, so that a
// project can take the package from a checkout; `cargo xtask languages` compares. `npm run build` after the source changed.
import { spawnSync } from "node:child_process";
import { rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";

await rm("dist", { recursive: true, force: true });
const tsc = fileURLToPath(new URL("../bin/tsc", import.meta.resolve("typescript")));
const run = spawnSync(process.execPath, [tsc, "-p", "."], { stdio: "inherit" });
process.exitCode = run.status ?? 1;
