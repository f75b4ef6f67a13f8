// One module out of the author's, this package's and everything that they import.
import { join, relative, resolve, sep } from "node:path";
import { rolldown } from "rolldown";
import { readable } from "./source-map.mjs";

const ENTRY = "lockgate:entry";
const CONTRACT = /^(lockgate:connector|wasi:[a-z]+)\//;

/**
 * The code, the interfaces that it imports, and where each line came from.
 * `host` answers the id under which an interface is imported, and `sdk` is the folder of `lockgate-guest`.
 */
export async function bundle({ project, entry, engine, host, sdk }) {
    const file = join(project, "bundle.js");
    const missing = [];
    const build = await rolldown({
        input: ENTRY,
        cwd: project,
        // Its `paths` are for editors: one copy of this package is enough.
        tsconfig: false,
        platform: "neutral",
        resolve: {
            alias: { "lockgate-guest/http": join(sdk, "dist/http/index.js"), "lockgate-guest": join(sdk, "dist/index.js") },
            mainFields: ["module", "main"],
            // The package's own imports are the contract's, in place of the stand-ins that tests have.
            conditionNames: ["lockgate", "import", "module", "default"],
        },
        transform: { define: { ENGINE: JSON.stringify(engine) } },
        // Shaking rewrites what it keeps: `const team = teams[name]; return team.members` becomes one line, and
        // errors are told in a line that the author did not write.
        treeshake: false,
        onLog: (level, log, next) => {
            if (log.code === "UNRESOLVED_IMPORT") missing.push(unresolved(log));
            else if (level === "warn" || level === "error") next(level, log);
        },
        plugins: [
            {
                name: "lockgate",
                resolveId(id) {
                    if (id === ENTRY) return id;
                    if (CONTRACT.test(id)) return host(id);
                    return null;
                },
                load: (id) => (id === ENTRY ? entryModule(project, entry, sdk) : null),
            },
        ],
    });
    try {
        const { output } = await build.generate({ file, format: "esm", sourcemap: "hidden", codeSplitting: false, minify: false });
        if (missing.length > 0) throw new Error(missing.join("\n"));
        const [chunk] = output;
        const map = sourceMap(chunk.map, project, sdk);
        // A last line, so that it moves no other.
        const code = `${chunk.code}\nglobalThis.lockgateSourceMap = ${JSON.stringify(map)};\n`;
        return { code, imports: chunk.imports, map };
    } finally {
        await build.close();
    }
}

/** The bundler's own message has drawings, and advice for another case. */
function unresolved(log) {
    const at = log.loc === undefined ? "" : ` (${log.loc.line}:${log.loc.column + 1})`;
    const [what] = /Could not resolve .*/.exec(log.message) ?? [log.message];
    return `${what}${at}: no such file or package. Modules of Node.js are not to be had in a component.`;
}

/** What the component exports. The author's module comes after the globals that it may use. */
function entryModule(project, entry, sdk) {
    const shown = relative(project, entry).split(sep).join("/");
    return [
        `import ${JSON.stringify(join(sdk, "dist/globals/index.js"))};`,
        `import connector from ${JSON.stringify(entry)};`,
        `import { exported } from ${JSON.stringify(join(sdk, "dist/exported.js"))};`,
        `export const translator = exported(connector, ${JSON.stringify(shown)});`,
        "",
    ].join("\n");
}

/** The SDK's own sources are of no use to an author. */
function sourceMap(map, project, sdk) {
    const own = join(sdk, "dist") + sep;
    return readable(map, (source) => {
        const path = resolve(project, source);
        return path.startsWith(own) ? undefined : relative(project, path).split(sep).join("/");
    });
}
