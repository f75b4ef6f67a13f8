import { InvalidError } from "lockgate-guest";
import { logLines, objectParams, prepare, reset } from "lockgate-guest/testing";
import { afterEach, expect, test } from "vitest";
import teams from "./connector";

afterEach(reset);

test("a team becomes a role", () => {
    const role = prepare(teams, { id: 7, title: "Editors", members: ["Anna", "Bert"] }).object;
    expect(role?.codeName).toBe("team-7");
    expect(role?.children).toHaveLength(2);
    expect(objectParams(teams, "Anna", "cms.user")).toEqual({ codeName: "anna" });
});

test("what is not stated stays, and null clears", () => {
    expect(prepare(teams, { id: 7, title: "Editors" }).object?.fields).toEqual({ description: undefined });
    expect(prepare(teams, { id: 7, title: "Editors", note: null }).object?.fields).toEqual({ description: null });
    prepare(teams, { id: 7, title: "Editors", note: 5 });
    expect(logLines()).toEqual(["warn: note: not a text, left out"]);
});

test("a team needs a title, unless it goes", () => {
    expect(() => prepare(teams, { id: 8 })).toThrow(InvalidError);
    expect(prepare(teams, { id: 8 }, { taskType: "delete-object" }).object?.codeName).toBe("team-8");
});
