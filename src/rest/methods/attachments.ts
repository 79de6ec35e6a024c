import { DirectoryMethods } from './directory.js';

/** Files that go with messages. */
export abstract class AttachmentMethods extends DirectoryMethods {}
