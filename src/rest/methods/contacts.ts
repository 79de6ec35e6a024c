import { GroupMethods } from './groups.js';

/** Contacts, blocks and reports. */
export abstract class ContactMethods extends GroupMethods {}
