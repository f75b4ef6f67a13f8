declare module 'lockgate:connector/state' {
  /**
   * Absent: never written, deleted, or not granted.
   */
  export function get(key: string): Uint8Array | undefined;
  export function set(key: string, value: Uint8Array): void;
  /**
   * Deleting what is not there is no error.
   */
  export { _delete as delete };
  function _delete(key: string): void;
  /**
   * Keys that begin so, ascending by their bytes. None where the state is not granted.
   */
  export function keys(prefix: string): Array<string>;
  export type StateError = StateErrorDenied | StateErrorFull | StateErrorInvalidKey;
  /**
   * Not asked for in the manifest, or not granted.
   */
  export interface StateErrorDenied {
    tag: 'denied',
  }
  /**
   * More than the operator grants; says how much that is, in bytes of keys and values together.
   */
  export interface StateErrorFull {
    tag: 'full',
    val: bigint,
  }
  /**
   * A key is empty or longer than 256 bytes.
   */
  export interface StateErrorInvalidKey {
    tag: 'invalid-key',
  }
}
