declare module 'lockgate:connector/random' {
  /**
   * At most 4,096 bytes a call; a longer request gets 4,096.
   */
  export function bytes(len: number): Uint8Array;
}
