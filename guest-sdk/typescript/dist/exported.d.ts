/** The exported interface on top of a connector. `lockgate-guest build` imports it; authors do not. */
import type { ExternalObject, DocumentParams as WireDocumentParams, ObjectParams as WireObjectParams, Prepared as WirePrepared } from "lockgate:connector/types";
import type { Connector, DataType, TaskType } from "./connector.js";
/** `entry` is the author's file. */
export declare function exported(connector: Connector, entry: string): {
    prepareInternalObject: (external: ExternalObject, taskType: TaskType, dataType: DataType, siteName: string | null | undefined) => WirePrepared;
    getInternalObjectParams: (id: string, objectType: string) => WireObjectParams;
    getInternalDocumentParams: (id: string, className: string) => WireDocumentParams;
};
