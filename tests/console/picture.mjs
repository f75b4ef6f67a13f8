// `node picture.mjs URL FILE.png`: what README shows, of a server with the demo's data.
import { browser, open } from "./lib.mjs";

const [url, file] = process.argv.slice(2);
const page = await open({ viewport: { width: 1280, height: 760 }, colorScheme: "light" });
await page.goto(`${url}/console`);
await page.locator("#live", { hasText: "live" }).waitFor();
await page.screenshot({ path: file });
await browser.close();
