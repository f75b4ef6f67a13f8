#!/usr/bin/env node
// lockgate-guest build: a component out of TypeScript or JavaScript.
import { realpathSync } from "node:fs";
import { relative, resolve } from "node:path";
import { parseArgs } from "node:util";
import { build } from "../lib/component.mjs";

const USAGE = `lockgate-guest build [ENTRY] [--out FILE] [--engine quickjs|starlingmonkey] [--project FOLDER] [--no-check]

Checks the types with tsc, bundles ENTRY [src/connector.ts] with all that it imports, and makes a
component of it [dist/connector.wasm]. \`manifest.toml\` in the folder goes into the component.
`;

try {
    const { values, positionals } = parseArgs({
        allowPositionals: true,
        options: {
            out: { type: "string", short: "o", default: "dist/connector.wasm" },
            engine: { type: "string", default: "quickjs" },
            project: { type: "string", default: "." },
            "no-check": { type: "boolean", default: false },
            help: { type: "boolean", short: "h", default: false },
        },
    });
    const [command, entry = "src/connector.ts", ...rest] = positionals;
    if (values.help) process.stdout.write(USAGE);
    else if (command !== "build" || rest.length > 0) {
        process.stderr.write(USAGE);
        process.exitCode = 2;
    } else {
        // The bundler names sources by their real paths, and places are told from the project on.
        const project = realpathSync(resolve(values.project));
        const out = resolve(project, values.out);
        const bytes = await build({ project, entry, out, engine: values.engine, check: !values["no-check"] });
        process.stdout.write(`${relative(process.cwd(), out)}: ${Math.round(bytes / 1_000)} kB, ${values.engine}\n`);
    }
} catch (error) {
    process.stderr.write(`error: ${error.message}\n`);
    process.exitCode = 1;
}
