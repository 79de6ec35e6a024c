import { PresenceMethods } from './presence.js';

/** Finding agents. */
export abstract class DirectoryMethods extends PresenceMethods {}
