export const nowMs = (): number => 1_790_000_000_000;
