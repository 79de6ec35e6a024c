export function missingPackages(root: string): string[];
export function runNpm(args: string[], cwd: string): number;
export function installMissing(root: string): void;
