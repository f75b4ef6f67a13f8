export const get = (name: string): string | undefined => (name === "token" ? "placeholder" : undefined);
