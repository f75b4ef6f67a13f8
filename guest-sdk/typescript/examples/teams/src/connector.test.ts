import { InvalidError } from "lockgate-guest";
import { prepare, reset, warnings } from "lockgate-guest/testing";
import { afterEach, expect, test } from "vitest";
import teams from "./connector.js";

afterEach(reset);

test("members become bindings", () => {
    const role = prepare(teams, { id: 7, title: "Editors", members: ["Anna", " Bert"] }).object;
    expect(role?.codeName).toBe("team-7");
    expect(role?.children).toHaveProperty(["cms.userrole", "length"], 2);
    expect(warnings()).toEqual([{ message: "blanks around a name are left out", path: "members[1]" }]);
});

test("what is not stated stays, and null clears", () => {
    expect(prepare(teams, { id: 7, title: "Editors" }).object?.fields).toEqual({ description: undefined });
    expect(prepare(teams, { id: 7, title: "Editors", note: null }).object?.fields).toEqual({ description: null });
});

test("a team without a title is refused unless it goes", () => {
    expect(() => prepare(teams, { id: 8 })).toThrow(InvalidError);
    expect(prepare(teams, { id: 8 }, { taskType: "delete-object" }).object?.codeName).toBe("team-8");
});
