export const lines: string[] = [];
export const log = (level: string, message: string): void => void lines.push(`${level} ${message}`);
