import type { UserPersona } from '../records/evaluation.js';

/** What travels of a persona. The platform refuses other names. */
interface WirePersona {
  readonly name?: string | undefined;
  readonly description?: string | undefined;
  readonly style?: string | undefined;
}

/** A persona in the platform's own form, whichever of the two it was written in. Nothing is made up. */
export function wirePersona(persona: UserPersona | undefined): WirePersona | undefined {
  if (typeof persona !== 'object' || persona === null) return persona;
  const { background, personality_traits, communication_style, description, style, ...rest } = persona;
  const traits = typeof personality_traits === 'string' ? personality_traits : personality_traits?.join(', ');
  const described = [description, background, traits && `Personality: ${traits}`].filter(Boolean);
  return {
    ...rest,
    description: described.length === 0 ? undefined : described.join('\n'),
    style: style ?? communication_style,
  };
}
