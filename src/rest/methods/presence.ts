import { MuteMethods } from './mutes.js';

/** Who is there. */
export abstract class PresenceMethods extends MuteMethods {}
