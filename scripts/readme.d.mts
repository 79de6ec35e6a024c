export function snippetsOf(readme: string): { file: string; text: string }[];
export function differencesIn(readme: string): string;
