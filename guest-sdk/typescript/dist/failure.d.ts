/** An exception, told so that its author can read it. */
import type { ConnectorError as WireError } from "lockgate:connector/types";
/**
 * What the host is told. An error of the connector's own classes is meant, so it goes as it is; any
 * other is a fault of the connector: `internal`, with the place in the author's source, and the stack
 * in the task's log. `connector` was made where the connector is: its place stands in for one that
 * the stack does not name.
 */
export declare function failure(thrown: unknown, connector: Error): WireError;
