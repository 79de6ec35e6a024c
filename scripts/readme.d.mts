export function snippetsOf(page: string): { file: string; text: string }[];
export function pagesIn(root: string): string[];
export function differencesIn(page: string): string;
export function commandsIn(page: string): string;
