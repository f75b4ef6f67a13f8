/** As the host: at most 4,096 bytes a call. */
export const bytes = (length: number): Uint8Array => new Uint8Array(Math.min(length, 4_096)).fill(7);
