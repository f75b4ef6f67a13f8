import assert from "node:assert/strict";
import { External, guidFromName, InvalidError, random, settings, state } from "lockgate-guest";
import { reset, setSettings } from "lockgate-guest/testing";
import { test } from "vitest";
import { decode, encodeUtf8 } from "../src/utf8.js";

/** UTF-8 as QuickJS decodes it, with Node.js's own decoder as the judge. */
test("UTF-8 is decoded as the platform does, and refused as it refuses", () => {
    const judge = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
    for (const text of ["", "plain", "Küche", "漢字", "a🎁b", "\ufeffmark", "\u0000", `${"x".repeat(20_000)}ü`]) {
        const bytes = new TextEncoder().encode(text);
        assert.deepEqual(encodeUtf8(text), bytes);
        assert.equal(decode(bytes), text);
    }
    for (const bytes of [[0xff], [0xc0, 0x80], [0xe0, 0x80, 0x80], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xc3], [0xc3, 0x41], [0x80], [0xf5, 0x80, 0x80, 0x80]]) {
        assert.throws(() => judge.decode(new Uint8Array(bytes)), String(bytes));
        assert.throws(() => decode(new Uint8Array(bytes)), /no UTF-8 at byte/, String(bytes));
    }
    assert.equal(decode(new TextEncoder().encode("a Træ, ein Öl und 漢字.")), "a Træ, ein Öl und 漢字.");
    assert.throws(() => decode(new Uint8Array([0x41, 0xc3, 0xa6, 0x41, 0xc3, 0x41])), /no UTF-8 at byte 5/);
});

test("an external object that is no text or no JSON is invalid", () => {
    assert.throws(() => new External("a/b", new Uint8Array([0xff])).text(), InvalidError);
    assert.throws(() => new External("a/b", encodeUtf8('{"a":')).json(), InvalidError);
    assert.deepEqual(new External("a/b", encodeUtf8('{"a":1}')).json(), { a: 1 });
});

/** Computed with Python: `uuid5(uuid5(NAMESPACE_URL, "https://shop.example"), "product/17")`. */
test("a GUID is the one that other languages compute", () => {
    assert.equal(guidFromName("https://shop.example", "product/17"), "26394b70-74b5-505e-b7a4-e8e4b6642ce5");
    assert.match(guidFromName("x".repeat(200), "ü".repeat(100)), /^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});

test("what the host offers is read, and its errors are told", () => {
    setSettings({ site: "main" });
    // Plain functions, so they may be taken out.
    const { get, require } = settings;
    assert.equal(get("site"), "main");
    assert.throws(() => require("culture"), /setting "culture" is not set, or not granted/);
    assert.equal(random.bytes(5_000).length, 5_000);
    const { getText, set, keys } = state;
    set("sync/token", "t-1");
    assert.equal(getText("sync/token"), "t-1");
    assert.deepEqual(keys("sync/"), ["sync/token"]);
    state.delete("sync/token");
    assert.equal(state.get("sync/token"), undefined);
    assert.throws(() => state.set("", "x"), /empty or longer than 256 bytes/);
    assert.throws(() => state.set("k", new Uint8Array(2 << 20)), /the operator grants 1048576 bytes/);
    reset();
    assert.equal(settings.get("site"), undefined);
});
