export const get = (key: string): string | undefined => (key === "site" ? "main" : undefined);
