import assert from "node:assert/strict";
import { connector, InternalError, InvalidError, skip, UnavailableError } from "lockgate-guest";
import { logLines, reset } from "lockgate-guest/testing";
import { test } from "vitest";
import { exported } from "../src/exported.js";
import { frames } from "../src/stack.js";

function told(prepareInternalObject: () => never): unknown {
    try {
        exported(connector({ prepareInternalObject }), "connector.ts").prepareInternalObject({ mediaType: "a/b", body: new Uint8Array() }, "create-object", "simple", undefined);
    } catch (error) {
        return error;
    }
    return undefined;
}

test("an error of the contract goes as it is", () => {
    assert.deepEqual(
        told(() => {
            throw new InvalidError("no sku", { path: "items[3].sku" });
        }),
        { tag: "invalid", val: { message: "no sku", path: "items[3].sku" } },
    );
    assert.deepEqual(
        told(() => {
            throw new UnavailableError("down", { retryAfterMs: 500 });
        }),
        { tag: "unavailable", val: { message: "down", retryAfterMs: 500 } },
    );
    assert.deepEqual(
        told(() => {
            throw new InternalError("no token");
        }),
        { tag: "internal", val: { message: "no token", path: undefined } },
    );
});

test("any other exception is internal, and its causes are logged", () => {
    reset();
    const error = told(() => {
        throw new Error("the shelf is empty", { cause: new RangeError("no shelf 9") });
    }) as { tag: string; val: { message: string } };
    assert.equal(error.tag, "internal");
    assert.match(error.val.message, /^Error: the shelf is empty \(/);
    assert.equal(logLines()[0], "error: Error: the shelf is empty");
    assert.match(logLines().at(-1) ?? "", /^error: caused by RangeError: no shelf 9/);
});

test("an answer that is none is told", () => {
    const { prepareInternalObject } = exported(connector({ prepareInternalObject: () => ({}) as never }), "connector.ts");
    assert.throws(
        () => prepareInternalObject({ mediaType: "a/b", body: new Uint8Array() }, "create-object", "simple", null),
        (error: { val: { message: string } }) => /must answer object\(…\), page\(…\) or skip\(…\), not an object/.test(error.val.message),
    );
});

test("methods that are left out answer unsupported", () => {
    const { getInternalObjectParams } = exported(connector({ prepareInternalObject: () => skip("x") }), "connector.ts");
    assert.throws(
        () => getInternalObjectParams("7", "cms.user"),
        (error: { tag: string }) => error.tag === "unsupported",
    );
});

/** The bundle's line 3 has two segments of line 8 in `src/teams.ts`; the rest is not the author's. */
test("frames of both engines are told in the author's lines", () => {
    const kept = globalThis.lockgateSourceMap;
    globalThis.lockgateSourceMap = { sources: ["src/teams.ts", "node_modules/x/y.js"], lines: ["", "", "0 0 7 4,a 0 7 c", "0 1 0 0"] };
    const quickjs = "    at membersOf (componentize-qjs:user.js:3:12)\n    at <anonymous> (componentize-qjs:user.js:4:1)\n    at guarded (componentize-qjs:user.js:1:5)\n";
    const starlingmonkey = "membersOf@bundle.js:3:12\nf/<@bundle.js:4:1\nexport_x@/tmp/sources/initializer.js:3:1\n";
    const found = (stack: string) => frames({ stack }).map(({ place, own }) => [place, own]);
    const expected = [
        ["src/teams.ts:8:13", true],
        ["node_modules/x/y.js:1:1", false],
    ];
    assert.deepEqual(found(quickjs), expected);
    assert.deepEqual(found(starlingmonkey), expected);
    assert.equal(frames({ stack: quickjs })[0]?.name, "membersOf");
    globalThis.lockgateSourceMap = kept;
});
