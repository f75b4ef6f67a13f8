declare module 'lockgate:connector/identity' {
  /**
   * Says the GUID of the object that `get-internal-object-params` is asked for. Called before that
   * answers. The object is found by it alone; code name, site, parent and group of the answer do
   * not matter, and the code name may be empty. Hexadecimal with hyphens.
   */
  export function byGuid(guid: string): void;
}
