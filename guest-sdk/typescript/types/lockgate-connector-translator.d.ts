/// <reference path="./lockgate-connector-types.d.ts" />
declare module 'lockgate:connector/translator' {
  /**
   * Translates the external object. Called once a task, deletes included.
   */
  export function prepareInternalObject(external: ExternalObject, taskType: TaskType, dataType: DataType, siteName: string | undefined): Prepared;
  /**
   * Where the object with this external id is found. Called for each reference to an object type,
   * and with `cms.site` for a site, on the instance that prepared the object.
   */
  export function getInternalObjectParams(id: string, objectType: string): ObjectParams;
  /**
   * Where the page with this external id is found. Called for each reference to a page type.
   */
  export function getInternalDocumentParams(id: string, className: string): DocumentParams;
  export type TaskType = import('lockgate:connector/types').TaskType;
  export type DataType = import('lockgate:connector/types').DataType;
  export type ExternalObject = import('lockgate:connector/types').ExternalObject;
  export type Prepared = import('lockgate:connector/types').Prepared;
  export type ObjectParams = import('lockgate:connector/types').ObjectParams;
  export type DocumentParams = import('lockgate:connector/types').DocumentParams;
  export type ConnectorError = import('lockgate:connector/types').ConnectorError;
}
