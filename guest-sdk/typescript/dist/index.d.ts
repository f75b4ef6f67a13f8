/**
 * Write connectors in TypeScript: an object with three methods, given to {@link connector}.
 *
 * What is exported here is everything but HTTP, which is in `lockgate-guest/http`: a connector that
 * does not import it does not import `wasi:http` either. `lockgate-guest/testing` stands in for the host in unit tests.
 */
import "./globals/index.js";
export type { ChildAnswer, Children, Fields, ListedChild, ObjectAnswer, PageAnswer, PageParent } from "./answers.js";
export { binding, child, object, Prepared, page, skip } from "./answers.js";
export type { Connector, DataType, Definition, DocumentParams, ObjectByGuid, ObjectByName, ObjectParams, Task, TaskType } from "./connector.js";
export { ANY_CULTURE, connector } from "./connector.js";
export type { Kind, ProblemOptions } from "./errors.js";
export { ConnectorError, InternalError, InvalidError, NotFoundError, UnavailableError, UnsupportedError } from "./errors.js";
export { External } from "./external.js";
export { guidFromName } from "./guid.js";
export { currentTask, log, random, secrets, settings, warn } from "./host.js";
export { JSON_DEPTH_MAX, type JsonOptions, parseJson } from "./json.js";
export { state } from "./state.js";
export type { FieldValue } from "./value.js";
export { binary, boolean, decimal, guid, integer, json, References, real, reference, references, text, timestamp, Value } from "./value.js";
