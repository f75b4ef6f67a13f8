/**
 * Write connectors in TypeScript: an object with three methods, given to {@link connector}.
 *
 * What is exported here is everything but HTTP, which is in `lockgate-guest/http`: a connector that
 * does not import it does not import `wasi:http` either. `lockgate-guest/testing` stands in for the host in unit tests.
 */
import "./globals/index.js";
export { binding, child, object, Prepared, page, skip } from "./answers.js";
export { ANY_CULTURE, connector } from "./connector.js";
export { ConnectorError, InternalError, InvalidError, NotFoundError, UnavailableError, UnsupportedError } from "./errors.js";
export { External } from "./external.js";
export { guidFromName } from "./guid.js";
export { currentTask, log, random, secrets, settings, warn } from "./host.js";
export { JSON_DEPTH_MAX, parseJson } from "./json.js";
export { state } from "./state.js";
export { binary, boolean, decimal, guid, integer, json, References, real, reference, references, text, timestamp, Value } from "./value.js";
