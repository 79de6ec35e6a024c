export interface Room {
  floor: number;
  also?: string[];
  only?: string[];
  packages: string[];
  sideDoors?: string[];
}
export const ROOMS: Record<string, Room>;
export function importsOf(
  text: string,
  fileName?: string,
): { specifier: string; line: number; typeOnly: boolean }[];
export function checkFloors(src: string, rooms?: Record<string, Room>): string[];
