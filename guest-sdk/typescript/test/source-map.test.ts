import assert from "node:assert/strict";
import { test } from "vitest";
// @ts-expect-error The build tool is JavaScript.
import { inSource } from "../build/lib/source-map.mjs";

/** Line 3 of the bundle has two segments of `src/teams.ts`; line 4 is nobody's. */
test("what an engine says of the bundle is told in the author's lines", () => {
    const map = { sources: ["src/teams.ts"], lines: ["", "", "0 0 7 4,a 0 7 c", ""] };
    const starlingmonkey = "Exception while evaluating top-level script\nbundle.js:3:12 SyntaxError: invalid property name in regular expression:\nbundle.js:4:1 ...^";
    assert.equal(
        inSource(starlingmonkey, map),
        "Exception while evaluating top-level script\nsrc/teams.ts:8:13 SyntaxError: invalid property name in regular expression:\nbundle.js:4:1 ...^",
    );
    assert.equal(inSource("    at f (componentize-qjs:user.js:3:2)", map), "    at f (src/teams.ts:8:5)");
});
