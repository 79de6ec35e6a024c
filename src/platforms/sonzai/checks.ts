import { invalid } from '../../http/index.js';

/**
 * The fields of a body. Names that are not known travel: the platform refuses them, or is newer than this client.
 *
 * @throws ValidationError that names the field.
 */
export function checkFields(fields: object, label: string): void {
  if (typeof fields !== 'object' || fields === null || Array.isArray(fields)) {
    throw invalid('fields', `${label}: the fields must be an object such as { name: 'Luna' }`);
  }
  for (const name of Object.keys(fields)) {
    const snake = name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
    // The body of a chat may hold anything, so a `userId` would be ignored without a word, and everybody would be one person.
    if (snake !== name) {
      throw invalid(name, `${label}: fields are written in snake_case; did you mean "${snake}"?`);
    }
  }
}

/** @throws ValidationError when it is no list with something in it. */
export function checkNotEmpty(list: unknown, name: string, label: string): void {
  if (!Array.isArray(list) || list.length === 0) {
    throw invalid(name, `${label}: "${name}" must be a list with at least one entry`);
  }
}

/** The messages of a chat. @throws ValidationError that names the message. */
export function checkMessages(messages: unknown, label: string): void {
  checkNotEmpty(messages, 'messages', label);
  for (const [at, message] of (messages as readonly unknown[]).entries()) {
    const { role, content } = (message ?? {}) as { readonly role?: unknown; readonly content?: unknown };
    if (typeof role !== 'string' || role === '') {
      throw invalid(`messages[${at}].role`, `${label}: "messages[${at}]" must have a role, such as 'user'`);
    }
    const isEmpty = content == null || (typeof content === 'string' && content.trim() === '');
    if (role === 'user' && isEmpty) {
      throw invalid(
        `messages[${at}].content`,
        `${label}: "messages[${at}].content" is empty; the platform needs something to answer`,
      );
    }
  }
}

/** @throws ValidationError for a provider without its model, or a model without its provider. */
export function checkModelChoice(
  { provider, model }: { readonly provider?: unknown; readonly model?: unknown },
  label: string,
): void {
  if ((provider === undefined) === (model === undefined)) return;
  const missing = provider === undefined ? 'provider' : 'model';
  throw invalid(missing, `${label}: "provider" and "model" go together; add "${missing}", or leave both out`);
}
