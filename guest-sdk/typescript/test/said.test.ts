import assert from "node:assert/strict";
import { binding, connector, currentTask, NotFoundError, object, reference, references, skip, warn } from "lockgate-guest";
import { fetchSync } from "lockgate-guest/http";
import { answerCalls, objectParams, prepare, reset, response, setTask, warnings } from "lockgate-guest/testing";
import { afterEach, test } from "vitest";
import { exported } from "../src/exported.js";

afterEach(reset);

const role = { objectType: "cms.role", codeName: "a" };
type Wire = { fields: { name: string; value: { tag: string; val: unknown } }[]; children: { objectType: string }[] };
const wire = (answer: ReturnType<typeof object>) => answer.wire.val as unknown as Wire;

test("a list of references is several fields of one name, in its order", () => {
    const fields = (ids: string[]) => wire(object({ ...role, fields: { tags: references(ids) } })).fields.map(({ name, value }) => [name, value.tag, value.val]);
    assert.deepEqual(fields(["b", "a"]), [
        ["tags", "reference", "b"],
        ["tags", "reference", "a"],
    ]);
    assert.deepEqual(fields([]), [["tags", "null", undefined]]);
    assert.throws(() => references(["a", "b", "a"]), /name "a" twice/);
    assert.throws(() => references(["a", 7 as never]), /reference 1 must be a string, not a number/);
    assert.throws(() => references("ab"), /several ids/);
    assert.throws(() => references([""]), /reference 0 is empty/);
});

test("children by type are stated as a whole, or not", () => {
    const user = { fields: { user: reference("anna") } };
    const stated = object({ ...role, children: { "cms.userrole": [user, binding("cms.userrole", user.fields)], "cms.left": undefined, "cms.none": [] } });
    assert.deepEqual(
        wire(stated).children.map(({ objectType }) => objectType),
        ["cms.userrole", "cms.userrole"],
    );
    assert.deepEqual(stated.noneOf, ["cms.none"]);
    assert.deepEqual(object({ ...role, children: [] }).noneOf, []);
    assert.throws(() => object({ ...role, children: { "cms.a": [binding("cms.b", {})] } }), /a cms.b is listed under cms.a/);
    assert.throws(() => object({ ...role, children: { "cms.a": null as never } }), /children of cms.a must be a list, not nothing \(null\)/);
});

test("a Date is a timestamp and a bigint an integer", () => {
    const { fields } = wire(object({ ...role, fields: { at: new Date(0), count: 7n } }));
    assert.deepEqual(
        fields.map(({ value }) => [value.tag, value.val]),
        [
            ["timestamp", "1970-01-01T00:00:00.000Z"],
            ["integer", "7"],
        ],
    );
});

test("an object is found by its GUID alone", () => {
    const guid = "018f0000-0000-7000-8000-000000000001";
    const answer = (params: object) =>
        exported(connector({ prepareInternalObject: () => skip("x"), getInternalObjectParams: () => params as { guid: string } }), "c.ts").getInternalObjectParams("7", "t");
    assert.deepEqual(answer({ guid }), { codeName: "" });
    for (const beside of ["codeName", "site", "parent", "group"]) {
        assert.throws(
            () => answer({ guid, [beside]: "x" }),
            (error: { val: { message: string } }) => error.val.message.includes(`so ${beside} may not stand beside it`),
        );
    }
});

test("a connector is tried with stand-ins", () => {
    const users = connector({
        prepareInternalObject(external) {
            const { id } = external.jsonObject<{ id: number }>();
            const { name } = fetchSync(`https://crm.example/${id}`).success().json<{ name: string }>();
            if (currentTask.fileName === undefined) warn("nobody says where this is from", { path: "id" });
            return object({ objectType: "cms.user", codeName: `user-${id}`, displayName: name });
        },
        getInternalObjectParams: (id) => ({ codeName: id }),
    });
    assert.throws(() => prepare(users, { id: 7 }), /nobody answers GET https:\/\/crm.example\/7 in this test/);
    answerCalls((url) => (url.endsWith("/7") ? response(200, { name: "Anna" }) : response(404)));
    assert.equal(prepare(users, { id: 7 }).object?.displayName, "Anna");
    assert.deepEqual(warnings(), [{ message: "nobody says where this is from", path: "id" }]);
    setTask({ fileName: "users.json" });
    assert.equal(prepare(users, '{"id": 7}').object?.codeName, "user-7");
    assert.equal(warnings().length, 1);
    assert.throws(() => prepare(users, { id: 8 }), NotFoundError);
    assert.deepEqual(objectParams(users, "9", "cms.user"), { codeName: "9" });
});
