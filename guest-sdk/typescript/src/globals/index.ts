/**
 * Globals put onto what the contract offers. Interpreters are built with WASI cut off: their own
 * clocks trap or stand still, and their own randomness was drawn when the component was built.
 */
import { engine } from "#host";
import { installAbsent } from "./absent.js";
import { installClock } from "./clock.js";
import { installConsole } from "./console.js";
import { installRandom } from "./random.js";
import { installText } from "./text.js";

// Unit tests run on Node.js, whose own are right there.
if (engine !== "node") {
    installConsole();
    installClock();
    installRandom();
    installText();
    installAbsent();
}
