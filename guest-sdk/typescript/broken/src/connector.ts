/** A connector whose external object names a mistake, which it then makes: to show what its author sees. */

import { child, connector, InvalidError, integer, object, reference, skip } from "lockgate-guest";
import { membersOf, share } from "./teams";

export default connector({
    prepareInternalObject(external) {
        const [mistake, ...others] = external.text().trim().split("\n");
        if (others.length > 0) throw new InvalidError(`a task is about one mistake, and this has ${others.length + 1}`);
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
            case "field-kind":
                return object({ objectType: "cms.role", codeName: "broken", fields: { rank: "first" } });
            case "code-name":
                return object({ objectType: "cms.role", codeName: "broken", fields: { lead: reference("Anna") } });
            case "required-child":
                return object({ objectType: "cms.role", codeName: "broken", children: [child({ objectType: "cms.note", codeName: "first" })] });
            case "print":
                console.log("to the log", { count: 7 });
                console.error("an error");
                return skip(`at ${new Date().getFullYear()}, ${Math.random() < 1 ? "by chance" : "never"}`);
            default:
                throw new InvalidError(`no such mistake: ${JSON.stringify(mistake)}`, { path: "mistake" });
        }
    },

    // The stored name is "anna".
    getInternalObjectParams: (id) => ({ codeName: id }),
});
