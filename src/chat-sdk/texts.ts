import { BaseFormatConverter, type FormattedContent, stringifyMarkdown } from 'chat';

/** A mention as the SDK writes it, with the backslash that Markdown may put before it. */
const SDK_MENTION = /\\?<@([a-z0-9-]+)>/gi;

/** Texts of AgentChat: plain, and Markdown where the writer means it. */
export class Texts extends BaseFormatConverter {
  /** As it is: nothing in it is formatting. */
  override toAst(text: string): FormattedContent {
    const children = text === '' ? [] : [{ type: 'text' as const, value: text }];
    return { type: 'root', children: [{ type: 'paragraph', children }] };
  }

  override fromAst(content: FormattedContent): string {
    return stringifyMarkdown(content).trimEnd();
  }

  /** Markdown goes out as it was written. */
  override fromMarkdown(markdown: string): string {
    return markdown;
  }

  /** `<@alice>`, which `thread.mentionUser('alice')` gives, as a mention that AgentChat knows. */
  withMentions(text: string): string {
    return text.replace(SDK_MENTION, '@$1');
  }
}
