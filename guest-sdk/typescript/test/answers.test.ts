import assert from "node:assert/strict";
import { binding, decimal, integer, object, page, real, reference, skip, timestamp } from "lockgate-guest";
import { test } from "vitest";

test("fields keep their order, undefined is left out and null clears", () => {
    const { wire } = object({ objectType: "shop.product", codeName: "a", fields: { price: decimal("34.99"), weight: undefined, colour: null } });
    assert.deepEqual(
        (wire.val as { fields: { name: string; value: { tag: string } }[] }).fields.map(({ name, value }) => [name, value.tag]),
        [
            ["price", "decimal"],
            ["colour", "null"],
        ],
    );
});

test("children of children name the position of theirs", () => {
    const { wire } = object({
        objectType: "shop.order",
        codeName: "1",
        children: [
            { objectType: "shop.item", codeName: "a" },
            { objectType: "shop.item", codeName: "b", children: [{ objectType: "shop.discount", codeName: "x" }] },
            binding("shop.tagged", { tag: reference("t") }),
        ],
    });
    assert.deepEqual(
        (wire.val as { children: { codeName: string; parent?: number }[] }).children.map(({ codeName, parent }) => [codeName, parent]),
        [
            ["a", undefined],
            ["b", undefined],
            ["x", 1],
            ["", undefined],
        ],
    );
});

test("a page names its parent in one of four ways", () => {
    const parent = (given: Parameters<typeof page>[0]["parent"]) => (page({ className: "c", culture: "en", name: "n", parent: given }).wire.val as { parent: unknown }).parent;
    assert.deepEqual(parent("root"), { tag: "root" });
    assert.deepEqual(parent({ path: "/a" }), { tag: "path", val: "/a" });
    assert.deepEqual(parent({ nodeGuid: "g" }), { tag: "node-guid", val: "g" });
    assert.deepEqual(parent({ external: "7", className: "c" }), { tag: "external", val: { id: "7", className: "c" } });
    assert.equal(parent(undefined), undefined);
});

test("a wrong type is told where it is made", () => {
    assert.throws(() => object({ objectType: "t", codeName: 7 as never }), /codeName must be a string, not a number/);
    assert.throws(() => object({ objectType: "t", codeName: "c", fields: { n: 7 as never } }), /field "n" cannot be a number: say integer/);
    assert.throws(() => skip(undefined as never), /the reason must be a string, not nothing/);
    assert.throws(() => integer(0.5), /whole/);
    assert.throws(() => integer(2 ** 53), /whole/);
    assert.throws(() => decimal("1e3"), /digits/);
    assert.throws(() => real(Number.NaN), /finite/);
    assert.throws(() => timestamp(new Date("no day")), /valid date/);
});

test("numbers become exact text", () => {
    assert.equal(integer(-7).val, "-7");
    assert.equal(integer(-0).val, "0");
    assert.equal(integer(9223372036854775807n).val, "9223372036854775807");
    assert.equal(decimal(1.25).val, "1.25");
});
