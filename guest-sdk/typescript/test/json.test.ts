import assert from "node:assert/strict";
import { External, InvalidError, JSON_DEPTH_MAX, parseJson } from "lockgate-guest";
import { response } from "lockgate-guest/testing";
import { test } from "vitest";

/** Every reader that an author meets. */
const READERS = [
    (text: string, options?: { numbers: "text" }) => new External("application/json", new TextEncoder().encode(text)).json(options),
    (text: string, options?: { numbers: "text" }) => response(200, text).json(options),
];

test("JSON is read to one depth, and brackets in texts do not count", () => {
    const deep = (depth: number) => "[".repeat(depth) + "]".repeat(depth);
    assert.equal(JSON_DEPTH_MAX, 128);
    for (const read of READERS) {
        assert.equal((read(deep(128)) as unknown[]).length, 1);
        assert.throws(() => read(deep(129)), /nested more than 128 deep/);
        assert.throws(() => read("[".repeat(200_000)), InvalidError);
        assert.equal((read(JSON.stringify(`${"[".repeat(5_000)}\\"{`)) as string).length, 5_003);
        assert.equal((read(`[${"[],".repeat(5_000)}1]`) as unknown[]).length, 5_001);
    }
});

test("what is no JSON is invalid", () => {
    for (const read of READERS) {
        for (const text of ["", "{", "[1,]", "NaN", "[-Infinity]", "1e999", "-1e999", "9".repeat(400), "01", '{"a":1}\0', '"\\ud83d"', '{"\\udc00":1}']) {
            assert.throws(() => read(text), InvalidError, text);
        }
        assert.equal(read('"\\ud83d\\ude00"'), "😀");
    }
});

test("a byte order mark means nothing", () => {
    for (const read of READERS) assert.deepEqual(read('\ufeff{"id":7}'), { id: 7 });
});

test("numbers are exact where they are asked for as text", () => {
    for (const read of READERS) {
        const found = read('{"id": 9007199254740993, "price": -19.990, "e": 1e2, "text": "7 \\" 8", "list": [1,2]}', { numbers: "text" });
        assert.deepEqual(found, { id: "9007199254740993", price: "-19.990", e: "1e2", text: '7 " 8', list: ["1", "2"] });
        for (const text of ["01", "1.", "-", "1e", "[1 2]"]) assert.throws(() => read(text, { numbers: "text" }), InvalidError, text);
    }
    assert.equal(parseJson("19.99"), 19.99);
});

test("several things in one payload are refused with their number", () => {
    const external = (text: string) => new External("application/json", new TextEncoder().encode(text));
    assert.deepEqual(external('{"id":7}').jsonObject(), { id: 7 });
    assert.throws(() => external('[{"id":7},{"id":8}]').jsonObject(), /a task is about one object, and the external object is a list of 2/);
    for (const text of ["7", "null", '"a"']) assert.throws(() => external(text).jsonObject(), InvalidError);
});
