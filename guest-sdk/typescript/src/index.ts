/// <reference path="./contract.d.ts" />
/**
 * Write connectors in TypeScript: an object with three methods, given to {@link connector}.
 *
 * What is exported here is everything but HTTP, which is in `lockgate-guest/http`: a connector that
 * does not import it does not import `wasi:http` either.
 */
import "./globals";

export { child, binding, object, page, skip, Prepared } from "./answers";
export type { ChildAnswer, Fields, ObjectAnswer, PageAnswer, PageParent } from "./answers";
export { connector } from "./connector";
export type { Connector, Definition, DocumentParams, ObjectParams, Task } from "./connector";
export { ConnectorError, InternalError, InvalidError, NotFoundError, UnavailableError, UnsupportedError } from "./errors";
export { External } from "./external";
export { guidFromName } from "./guid";
export { log, random, secrets, settings } from "./host";
export { parseJson } from "./json";
export { state } from "./state";
export { binary, boolean, decimal, guid, integer, json, real, reference, text, timestamp, Value } from "./value";
export type { FieldValue } from "./value";
