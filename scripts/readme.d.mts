export function snippetsOf(readme: string): { file: string; text: string }[];
