/** A connector whose external object names a mistake, which it then makes: to show what its author sees. */

import { binding, connector, External, InvalidError, integer, object, reference, skip } from "lockgate-guest";
import { membersOf, share } from "./teams";

export default connector({
    prepareInternalObject(external) {
        const mistake = external.text().trim();
        switch (mistake) {
            case "fine":
                return object({ objectType: "cms.role", codeName: "fine" });
            case "typo":
                return skip(`${membersOf("editers").length} members`);
            case "wrong-type": {
                const id: any = 7;
                return object({ objectType: "cms.role", codeName: id });
            }
            case "wrong-answer":
                return { codeName: "editors" } as any;
            case "divide-by-zero":
                return object({ objectType: "cms.role", codeName: "shares", fields: { share: integer(share(100n, 0n)) } });
            case "endless-loop":
                for (;;);
            case "allocate": {
                const kept: number[][] = [];
                for (;;) kept.push(new Array(10_000).fill(1));
            }
            case "recurse": {
                const deeper = (depth: number): number => deeper(depth + 1) + 1;
                return skip(`${deeper(0)} deep`);
            }
            case "throw":
                throw new Error("the shelf is empty", { cause: new RangeError("no shelf 9") });
            case "throw-text":
                throw "the shelf is closed";
            case "deep-json":
                return skip(`${JSON.parse("[".repeat(200_000))}`);
            case "promise":
                return Promise.resolve(skip("later")) as any;
            case "wrong-kind":
                return object({ objectType: "cms.role", codeName: "team-7", fields: { rank: "first" } });
            case "wrong-code-name":
                return object({ objectType: "cms.role", codeName: "team-7", fields: { owner: reference("anna") } });
            case "child-missing":
                return object({ objectType: "cms.role", codeName: "team-7", children: [binding("cms.userrole", {})] });
            case "several": {
                const { id } = new External("application/json", new TextEncoder().encode('[{"id": 7}, {"id": 8}]')).jsonObject();
                return object({ objectType: "cms.role", codeName: `team-${id}` });
            }
            case "set-twice": {
                const fields = { rank: integer(1) };
                fields.rank = integer(2);
                return object({ objectType: "cms.role", codeName: "broken", fields });
            }
            case "print":
                console.log("to the log", { count: 7 });
                console.error("an error");
                return skip(`at ${new Date().getFullYear()}, ${Math.random() < 1 ? "by chance" : "never"}`);
            default:
                if (mistake.startsWith("[")) {
                    external.json();
                    return object({ objectType: "cms.role", codeName: "broken" });
                }
                throw new InvalidError(`no such mistake: ${JSON.stringify(mistake)}`, { path: "mistake" });
        }
    },

    getInternalObjectParams: (id) => ({ codeName: `${id}-misspelt` }),
});
