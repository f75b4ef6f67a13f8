import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));

// The source and not what was made of it.
export default defineConfig({
    resolve: {
        alias: [
            { find: /^#host$/, replacement: at("src/imports/native.ts") },
            { find: /^#calls$/, replacement: at("src/http/native.ts") },
            { find: /^lockgate-guest\/http$/, replacement: at("src/http/index.ts") },
            { find: /^lockgate-guest\/testing$/, replacement: at("src/testing.ts") },
            { find: /^lockgate-guest$/, replacement: at("src/index.ts") },
        ],
    },
    test: { include: ["test/**/*.test.ts", "examples/**/*.test.ts"] },
});
