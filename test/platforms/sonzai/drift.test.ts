import { describe, expect, it } from 'vitest';
import { wireCapabilities } from '../../../src/platforms/sonzai/casing/wire-capabilities.js';
import { wireContextQuery } from '../../../src/platforms/sonzai/casing/wire-context-query.js';
import { wireTurn } from '../../../src/platforms/sonzai/casing/wire-turn.js';
import { wirePersona } from '../../../src/platforms/sonzai/drift/persona.js';
import { readTemplate, wireTemplate } from '../../../src/platforms/sonzai/drift/template.js';

const sent = (value: unknown) => JSON.parse(JSON.stringify(value));

describe('forms that the sources disagree on', () => {
  it('a persona travels in the form of the platform, whichever it was written in', () => {
    const seed = {
      name: 'Ana',
      background: 'A nurse.',
      personality_traits: ['curious', 'calm'],
      communication_style: 'brief',
    };
    const wire = { name: 'Ana', description: 'A nurse.\nPersonality: curious, calm', style: 'brief' };
    expect(sent(wirePersona(seed))).toEqual(wire);
    expect(sent(wirePersona(wire))).toEqual(wire);
    expect(sent(wirePersona({ personality_traits: 'calm', style: 'own', communication_style: 'x' }))).toEqual(
      {
        description: 'Personality: calm',
        style: 'own',
      },
    );
    expect(sent(wirePersona({ name: 'Ana' }))).toEqual({ name: 'Ana' });
    expect(wirePersona(undefined)).toBeUndefined();
  });

  it('a category of a template gets key, label and instructions, and loses its weight', () => {
    const categories = [
      { name: 'Emotional Depth!', weight: 0.4, criteria: 'Is it felt?' },
      { key: 'k', label: 'K', prompt_instructions: 'Ask.' },
      { name: '***' },
    ];
    expect(sent(wireTemplate({ name: 't', temperature: 0, categories }))).toEqual({
      name: 't',
      temperature: 0,
      categories: [
        { key: 'emotional_depth', label: 'Emotional Depth!', prompt_instructions: 'Is it felt?' },
        { key: 'k', label: 'K', prompt_instructions: 'Ask.' },
        { key: '***', label: '***' },
      ],
    });
  });

  it('a template has its id under both names', () => {
    expect(readTemplate({ template_id: 't1', categories: null })).toEqual({
      template_id: 't1',
      id: 't1',
      categories: [],
    });
    expect(readTemplate({ id: 't2' })).toMatchObject({ template_id: 't2', id: 't2' });
  });
});

describe('what travels in camelCase', () => {
  it('capabilities', () => {
    expect(
      wireCapabilities({ memory_mode: 'async', knowledge_base_scope_mode: 'union', mcp_enabled: ['a_b'] }),
    ).toEqual({
      memoryMode: 'async',
      knowledgeBaseScopeMode: 'union',
      mcpEnabled: ['a_b'],
    });
    expect(() => wireCapabilities({ memoryMode: 'sync' } as never)).toThrow(/did you mean "memory_mode"/);
  });

  it('the query of a context', () => {
    expect(wireContextQuery({ user_id: 'u', session_id: 's', instance_id: 'i', query: 'q' })).toMatchObject({
      userId: 'u',
      sessionId: 's',
      instanceId: 'i',
      query: 'q',
    });
    expect(() => wireContextQuery({ userId: 'u' } as never)).toThrow(/did you mean "user_id"/);
    expect(() => wireContextQuery({ user_id: '' })).toThrow(/"user_id" must be a non-empty string/);
  });

  it('a turn; what is yours in it stays as it is', () => {
    const tool_calls = [{ id: 'c', type: 'function', function: { some_name: 1 } }];
    const messages = [{ role: 'assistant' as const, tool_calls }];
    const turn = {
      messages,
      fetch_next_context: { query: 'q' },
      user_display_name: 'Ana',
      user_timezone: 'UTC',
    };
    expect(sent(wireTurn({ userId: 'u', instanceId: undefined }, turn))).toEqual({
      userId: 'u',
      messages: [{ role: 'assistant', tool_calls }],
      fetchNextContext: { query: 'q' },
      userDisplayName: 'Ana',
      userTimezone: 'UTC',
    });
  });
});
