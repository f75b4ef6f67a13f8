/**
 * Globals put onto what the contract offers. Interpreters are built with WASI cut off: their own
 * clocks trap or stand still, and their own randomness was drawn when the component was built.
 */
import { installClock } from "./clock";
import { installConsole } from "./console";
import { installRandom } from "./random";
import { installText } from "./text";

// Unit tests run on Node.js, whose own are right there.
if (ENGINE !== "node") {
    installConsole();
    installClock();
    installRandom();
    installText();
}
