// `node run.mjs [FILTER]`: the console in a real browser. LOCKGATE_WORKBENCH names the server's program.
import "./pages.mjs";
import "./hostile.mjs";
import "./story.mjs";
import "./guarded.mjs";
import "./live.mjs";
import { run } from "./lib.mjs";

await run(process.argv[2]);
