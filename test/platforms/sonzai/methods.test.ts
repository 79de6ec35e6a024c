import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Sonzai } from '../../../src/platforms/sonzai/index.js';
import { DONE, Recorder, say } from './recorder.js';

/** A row of the contract's tables. */
interface Row {
  /** The method, as a user writes it. */
  readonly name: string;
  readonly call: (sonzai: Sonzai) => unknown;
  /** Method and path. */
  readonly sends: string;
  readonly query?: Record<string, string>;
  readonly body?: unknown;
  readonly answer?: unknown;
  /** What the user gets. Default: the answer as it came. */
  readonly gives?: unknown;
  /** Sent afterwards, with the answers to it. */
  readonly follows?: readonly {
    readonly sends: string;
    readonly query?: Record<string, string>;
    readonly answer: unknown;
  }[];
}

const MESSAGES = [{ role: 'user' as const, content: 'Hi' }];
const STREAM = { frames: [say('Hel'), say('lo'), { finish_reason: 'stop', full_content: 'Hello' }, DONE] };
const EVENTS = { frames: [{ type: 'turn_started' }, { type: 'final_status', status: 'done' }, DONE] };
const EVENTS_GIVEN = [{ type: 'turn_started' }, { type: 'final_status', status: 'done' }];
const RUN = { run_id: 'r1', status: 'running' };
const KEY = {
  provider: 'openai',
  api_key_prefix: 'sk-12',
  health_status: 'healthy',
  is_active: true,
  new_field: 1,
};
const STATE = { key: 'k', value: { any_thing: [0, null] }, scope: 'user', user_id: 'u' };
const REPLY = { content: 'Hello', messages: ['Hello'], session_id: null, usage: null };
const PERSONA = { name: 'Ana', background: 'A nurse.', communication_style: 'brief' };
const WIRE_PERSONA = { name: 'Ana', description: 'A nurse.', style: 'brief' };

async function session(sonzai: Sonzai) {
  return sonzai.agents.sessions.start('luna', { user_id: 'u', session_id: 's', instance_id: 'i' });
}

const START = {
  sends: 'POST /agents/luna/sessions/start',
  body: { user_id: 'u', session_id: 's', instance_id: 'i' },
  answer: { success: true },
};

const ROWS: readonly Row[] = [
  // 2.3 Chat
  {
    name: 'agents.chat',
    call: (sonzai) =>
      sonzai.agents.chat('luna', { messages: MESSAGES, user_id: 'u', temperature: 0, model: undefined }),
    sends: 'POST /agents/luna/chat',
    body: { messages: MESSAGES, user_id: 'u', temperature: 0 },
    answer: STREAM,
    gives: expect.objectContaining(REPLY),
  },
  {
    name: 'agents.chatDetached',
    call: (sonzai) => sonzai.agents.chatDetached('luna', { messages: MESSAGES }),
    sends: 'POST /agents/luna/chat',
    body: { messages: MESSAGES },
    answer: STREAM,
    gives: expect.objectContaining(REPLY),
  },
  {
    name: 'agents.chatStreamDetached',
    call: (sonzai) => all(sonzai.agents.chatStreamDetached('luna', { messages: MESSAGES })),
    sends: 'POST /agents/luna/chat',
    body: { messages: MESSAGES },
    answer: STREAM,
    gives: [
      expect.objectContaining({ kind: 'delta', content: 'Hel' }),
      expect.objectContaining({ kind: 'delta', content: 'lo' }),
      expect.objectContaining({ kind: 'complete', full_content: 'Hello' }),
    ],
  },
  {
    name: 'agents.chatAsync',
    call: (sonzai) => sonzai.agents.chatAsync('luna', { messages: MESSAGES }),
    sends: 'POST /agents/luna/chat/async',
    body: { messages: MESSAGES },
    answer: { processing_id: 'p1', status: 'queued' },
  },
  {
    name: 'agents.pollChatResult',
    call: (sonzai) => sonzai.agents.pollChatResult('luna', 'p1'),
    sends: 'GET /agents/luna/chat/result/p1',
    answer: { status: 'running', response: 'Hel', phase: 'composing' },
  },
  {
    name: 'agents.chatAsyncBlocking',
    call: (sonzai) => sonzai.agents.chatAsyncBlocking('luna', { messages: MESSAGES }),
    sends: 'POST /agents/luna/chat/async',
    body: { messages: MESSAGES },
    answer: { processing_id: 'p/1', status: 'queued' },
    follows: [
      { sends: 'GET /agents/luna/chat/result/p%2F1', answer: { status: 'complete', response: 'Hello' } },
    ],
    gives: { status: 'complete', response: 'Hello' },
  },
  // 2.4 Projects: own provider keys
  {
    name: 'byok.list',
    call: (sonzai) => sonzai.byok.list('p1'),
    sends: 'GET /projects/p1/byok-keys',
    answer: { keys: null, other: 1 },
    gives: { keys: [], other: 1 },
  },
  {
    name: 'byok.set',
    call: (sonzai) => sonzai.byok.set('p1', 'openai', { api_key: 'sk-theirs' }),
    sends: 'PUT /projects/p1/byok-keys/openai',
    body: { api_key: 'sk-theirs' },
    answer: KEY,
  },
  {
    name: 'byok.setActive',
    call: (sonzai) => sonzai.byok.setActive('p1', 'openai', { is_active: false }),
    sends: 'PATCH /projects/p1/byok-keys/openai',
    body: { is_active: false },
    answer: KEY,
  },
  {
    name: 'byok.delete',
    call: (sonzai) => sonzai.byok.delete('p1', 'openai'),
    sends: 'DELETE /projects/p1/byok-keys/openai',
    answer: undefined,
    gives: undefined,
  },
  {
    name: 'byok.test',
    call: (sonzai) => sonzai.byok.test('p1', 'openai'),
    sends: 'POST /projects/p1/byok-keys/openai/test',
    answer: KEY,
  },
  // 2.5 Agents, capabilities, instances
  {
    name: 'agents.create',
    call: (sonzai) =>
      sonzai.agents.create({
        name: 'Luna',
        big5: { openness: 0.9 },
        dimensions: { warmth: 0.8 },
        proactive_mode: 'scheduled_only',
        tool_capabilities: {
          web_search: true,
          remember_name: true,
          image_generation: false,
          memory_mode: 'async',
        },
      }),
    sends: 'POST /agents',
    body: {
      name: 'Luna',
      big5: { openness: 0.9 },
      dimensions: { warmth: 0.8 },
      proactiveMode: 'scheduled_only',
      tool_capabilities: {
        web_search: true,
        remember_name: true,
        image_generation: false,
        memory_mode: 'async',
      },
    },
    answer: { agent_id: 'a1', instance_count: 1, newer_field: true },
  },
  {
    name: 'agents.getCapabilities',
    call: (sonzai) => sonzai.agents.getCapabilities('luna'),
    sends: 'GET /agents/luna/capabilities',
    answer: { memoryMode: 'sync', mcp_enabled: null, customTools: [{ name: 't' }] },
    gives: { memoryMode: 'sync', mcp_enabled: [], customTools: [{ name: 't' }], pendingCapabilities: [] },
  },
  {
    name: 'agents.updateCapabilities',
    call: (sonzai) =>
      sonzai.agents.updateCapabilities('luna', { knowledge_base: true, mcp_enabled: ['github'] }),
    sends: 'PUT /agents/luna/capabilities',
    body: { knowledgeBase: true, mcpEnabled: ['github'] },
    answer: { knowledgeBase: true, mcp_enabled: ['github'], customTools: [], pendingCapabilities: [] },
  },
  {
    name: 'agents.instances.list',
    call: (sonzai) => sonzai.agents.instances.list('luna'),
    sends: 'GET /agents/luna/instances',
    answer: { instances: null },
    gives: { instances: [] },
  },
  {
    name: 'agents.instances.create',
    call: (sonzai) => sonzai.agents.instances.create('luna', { name: 'beta', description: 'd' }),
    sends: 'POST /agents/luna/instances',
    body: { name: 'beta', description: 'd' },
    answer: { instance_id: 'i1', name: 'beta' },
  },
  {
    name: 'agents.instances.reset',
    call: (sonzai) => sonzai.agents.instances.reset('luna', 'i1'),
    sends: 'POST /agents/luna/instances/i1/reset',
    answer: { instance: { instance_id: 'i1' }, facts_deleted: 3, nodes_deleted: 1 },
    gives: { instance_id: 'i1' },
  },
  {
    name: 'agents.instances.delete',
    call: (sonzai) => sonzai.agents.instances.delete('luna', 'i1'),
    sends: 'DELETE /agents/luna/instances/i1',
    answer: { success: true },
  },
  // 2.6 Memory, context, personality
  {
    name: 'agents.memory.list',
    call: (sonzai) =>
      sonzai.agents.memory.list('luna', {
        user_id: 'u',
        include_contents: true,
        limit: 5,
        parent_id: undefined,
      }),
    sends: 'GET /agents/luna/memory',
    query: { user_id: 'u', include_contents: 'true', limit: '5' },
    answer: { nodes: [{ node_id: 'n' }], contents: { n: [{ fact_id: 'f', atomic_text: 'likes tea' }] } },
  },
  {
    name: 'agents.memory.search',
    call: (sonzai) =>
      sonzai.agents.memory.search('luna', {
        query: 'tea & cake',
        mode: 'bm25',
        limit: 3,
        include_verbatim: false,
      }),
    sends: 'GET /agents/luna/memory/search',
    query: { q: 'tea & cake', mode: 'bm25', limit: '3' },
    answer: { results: null },
    gives: { results: [] },
  },
  {
    name: 'agents.memory.timeline',
    call: (sonzai) => sonzai.agents.memory.timeline('luna', { start: '2026-11-01', end: '2026-11-29' }),
    sends: 'GET /agents/luna/memory/timeline',
    query: { start: '2026-11-01', end: '2026-11-29' },
    answer: { sessions: [{ session_id: 's', facts: null, fact_count: 0 }], total_facts: 0 },
    gives: { sessions: [{ session_id: 's', facts: [], fact_count: 0 }], total_facts: 0 },
  },
  {
    name: 'agents.memory.bulkCreateFacts',
    call: (sonzai) =>
      sonzai.agents.memory.bulkCreateFacts('luna', {
        facts: [{ content: 'likes tea', metadata: { camelCase: 1 } }],
        user_id: 'u',
        instance_id: 'i',
      }),
    sends: 'POST /agents/luna/memory/facts/bulk',
    query: { instance_id: 'i' },
    body: { facts: [{ content: 'likes tea', metadata: { camelCase: 1 } }], user_id: 'u' },
    answer: { facts: [{ fact_id: 'f' }], facts_created: 1 },
  },
  {
    name: 'agents.getContext',
    call: (sonzai) =>
      sonzai.agents.getContext('luna', {
        user_id: 'u',
        session_id: 's',
        instance_id: 'i',
        query: 'q',
        timezone: 'UTC',
      }),
    sends: 'GET /agents/luna/context',
    query: { userId: 'u', sessionId: 's', instanceId: 'i', query: 'q', timezone: 'UTC' },
    answer: { recent_turns: null, anything: 1 },
  },
  {
    name: 'agents.personality.get',
    call: (sonzai) => sonzai.agents.personality.get('luna', { history_limit: 10, since: '2026-01-01' }),
    sends: 'GET /agents/luna/personality',
    query: { history_limit: '10', since: '2026-01-01' },
    answer: { profile: { name: 'Luna', dimensions: { warmth: 0.8 } }, evolution: null },
    gives: { profile: { name: 'Luna', dimensions: { warmth: 0.8 } }, evolution: [] },
  },
  // 2.7 Sessions
  {
    name: 'agents.sessions.start',
    call: async (sonzai) => {
      const { agentId, sessionId, userId, instanceId } = await session(sonzai);
      return { agentId, sessionId, userId, instanceId };
    },
    ...START,
    gives: { agentId: 'luna', sessionId: 's', userId: 'u', instanceId: 'i' },
  },
  {
    name: 'agents.sessions.end',
    call: (sonzai) =>
      sonzai.agents.sessions.end('luna', { user_id: 'u', session_id: 's', force_sync: true, wait: true }),
    sends: 'POST /agents/luna/sessions/end',
    query: { force_sync: 'true' },
    body: { user_id: 'u', session_id: 's', wait: true, total_messages: 0, duration_seconds: 0 },
    answer: { success: true, async: true, processing_id: 'p1' },
    follows: [{ sends: 'GET /sessions/end/status/p1', answer: { state: 'done', session_id: 's' } }],
    gives: { state: 'done', session_id: 's' },
  },
  {
    name: 'session.end',
    call: async (sonzai) => (await session(sonzai)).end({ total_messages: 4, duration_seconds: 60 }),
    ...START,
    follows: [{ sends: 'POST /agents/luna/sessions/end', answer: { success: true, async: false } }],
    gives: { success: true, async: false },
  },
  {
    name: 'session.context',
    call: async (sonzai) => (await session(sonzai)).context({ query: 'q' }),
    ...START,
    follows: [
      {
        sends: 'GET /agents/luna/context',
        query: { userId: 'u', sessionId: 's', instanceId: 'i', query: 'q' },
        answer: { habits: [] },
      },
    ],
    gives: { habits: [] },
  },
  {
    name: 'session.turn',
    call: async (sonzai) =>
      (await session(sonzai)).turn({ messages: MESSAGES, fetch_next_context: { query: 'q' } }),
    ...START,
    follows: [{ sends: 'POST /agents/luna/sessions/s/turn', answer: { success: true, extraction_id: 'e1' } }],
    gives: { success: true, extraction_id: 'e1' },
  },
  {
    name: 'session.status',
    call: async (sonzai) => (await session(sonzai)).status('e1'),
    ...START,
    follows: [
      { sends: 'GET /agents/luna/turns/e1/status', answer: { extraction_id: 'e1', state: 'running' } },
    ],
    gives: { extraction_id: 'e1', state: 'running' },
  },
  // 2.8 Notifications, context data
  {
    name: 'agents.notifications.list',
    call: (sonzai) =>
      sonzai.agents.notifications.list('luna', { status: 'pending', user_id: 'u', limit: 10 }),
    sends: 'GET /agents/luna/notifications',
    query: { status: 'pending', user_id: 'u', limit: '10' },
    answer: { notifications: null },
    gives: { notifications: [] },
  },
  {
    name: 'agents.notifications.consume',
    call: (sonzai) => sonzai.agents.notifications.consume('luna', 'm1'),
    sends: 'POST /agents/luna/notifications/m1/consume',
    answer: { success: true },
  },
  {
    name: 'agents.notifications.history',
    call: (sonzai) => sonzai.agents.notifications.history('luna', { limit: 2 }),
    sends: 'GET /agents/luna/notifications/history',
    query: { limit: '2' },
    answer: { notifications: [{ message_id: 'm1' }] },
  },
  {
    name: 'agents.getMood',
    call: (sonzai) => sonzai.agents.getMood('luna', { user_id: 'u', instance_id: 'i' }),
    sends: 'GET /agents/luna/mood',
    query: { user_id: 'u', instance_id: 'i' },
    answer: { mood: { valence: 50, label: 'calm', baseline_valence: 40 } },
  },
  {
    name: 'agents.getRelationships',
    call: (sonzai) => sonzai.agents.getRelationships('luna', { user_id: 'u', instance_id: 'i' }),
    sends: 'GET /agents/luna/relationships',
    query: { user_id: 'u', instance_id: 'i' },
    answer: { relationships: null },
    gives: { relationships: [] },
  },
  {
    name: 'agents.getHabits',
    call: (sonzai) => sonzai.agents.getHabits('luna', { user_id: 'u', instance_id: 'i' }),
    sends: 'GET /agents/luna/habits',
    query: { user_id: 'u', instance_id: 'i' },
    answer: { habits: [{ name: 'tea' }] },
  },
  {
    name: 'agents.getGoals',
    call: (sonzai) => sonzai.agents.getGoals('luna', { user_id: 'u' }),
    sends: 'GET /agents/luna/goals',
    query: { user_id: 'u' },
    answer: { goals: null },
    gives: { goals: [] },
  },
  {
    name: 'agents.getInterests',
    call: (sonzai) => sonzai.agents.getInterests('luna', { user_id: 'u', instance_id: 'i' }),
    sends: 'GET /agents/luna/interests',
    query: { user_id: 'u', instance_id: 'i' },
    answer: { interests: [{ topic: 'tea' }] },
  },
  {
    name: 'agents.getDiary',
    call: (sonzai) => sonzai.agents.getDiary('luna', { user_id: 'u', date: '2026-11-29' }),
    sends: 'GET /agents/luna/diary',
    query: { user_id: 'u', date: '2026-11-29' },
    answer: { entry: { entry_id: 'd1' } },
    gives: { entry: { entry_id: 'd1' }, entries: [] },
  },
  {
    name: 'agents.getUsers',
    call: (sonzai) => sonzai.agents.getUsers('luna', { page_size: 2, cursor: 'c' }),
    sends: 'GET /agents/luna/users',
    query: { page_size: '2', cursor: 'c' },
    answer: { users: null, has_more: false },
    gives: { users: [], has_more: false },
  },
  // 2.9 Custom states
  {
    name: 'agents.customStates.create',
    call: (sonzai) =>
      sonzai.agents.customStates.create('luna', { key: 'k', value: { any_thing: [0, null] } }),
    sends: 'POST /agents/luna/custom-states',
    body: { key: 'k', value: { any_thing: [0, null] } },
    answer: STATE,
  },
  {
    name: 'agents.customStates.list',
    call: (sonzai) => sonzai.agents.customStates.list('luna', { scope: 'user', user_id: 'u', key: 'k' }),
    sends: 'GET /agents/luna/custom-states',
    query: { scope: 'user', user_id: 'u', key: 'k' },
    answer: { states: null },
    gives: { states: [] },
  },
  {
    name: 'agents.customStates.upsert',
    call: (sonzai) =>
      sonzai.agents.customStates.upsert('luna', { key: 'k', value: null, scope: 'user', user_id: 'u' }),
    sends: 'PUT /agents/luna/custom-states/by-key',
    body: { key: 'k', value: null, scope: 'user', user_id: 'u' },
    answer: STATE,
  },
  {
    name: 'agents.customStates.getByKey',
    call: (sonzai) =>
      sonzai.agents.customStates.getByKey('luna', { key: 'a/b', scope: 'user', user_id: 'u' }),
    sends: 'GET /agents/luna/custom-states/by-key',
    query: { key: 'a/b', scope: 'user', user_id: 'u' },
    answer: STATE,
  },
  {
    name: 'agents.customStates.deleteByKey',
    call: (sonzai) => sonzai.agents.customStates.deleteByKey('luna', { key: 'k', instance_id: 'i' }),
    sends: 'DELETE /agents/luna/custom-states/by-key',
    query: { key: 'k', instance_id: 'i' },
    answer: undefined,
    gives: undefined,
  },
  // 2.10 Evaluation and simulation
  {
    name: 'agents.evaluate',
    call: (sonzai) =>
      sonzai.agents.evaluate('luna', {
        messages: MESSAGES,
        template_id: 't1',
        user_persona: PERSONA,
        quality_only: true,
      }),
    sends: 'POST /agents/luna/evaluate',
    body: { messages: MESSAGES, template_id: 't1', user_persona: WIRE_PERSONA, quality_only: true },
    answer: { score: 0.9, feedback: 'good' },
  },
  {
    name: 'agents.simulateAsync',
    call: (sonzai) =>
      sonzai.agents.simulateAsync('luna', {
        user_persona: PERSONA,
        config: { max_sessions: 1, max_turns_per_session: 2 },
      }),
    sends: 'POST /agents/luna/simulate',
    body: { user_persona: WIRE_PERSONA, config: { max_sessions: 1, max_turns_per_session: 2 } },
    answer: RUN,
  },
  {
    name: 'agents.runEvalAsync',
    call: (sonzai) => sonzai.agents.runEvalAsync('luna', { template_id: 't1', user_persona: WIRE_PERSONA }),
    sends: 'POST /agents/luna/run-eval',
    body: { template_id: 't1', user_persona: WIRE_PERSONA },
    answer: RUN,
  },
  {
    name: 'agents.simulate',
    call: (sonzai) => all(sonzai.agents.simulate('luna', { user_id: 'u' })),
    sends: 'POST /agents/luna/simulate',
    body: { user_id: 'u' },
    answer: RUN,
    follows: [{ sends: 'GET /eval-runs/r1/events', query: { from: '0' }, answer: EVENTS }],
    gives: EVENTS_GIVEN,
  },
  {
    name: 'agents.runEval',
    call: (sonzai) => all(sonzai.agents.runEval('luna', { template_id: 't1' })),
    sends: 'POST /agents/luna/run-eval',
    body: { template_id: 't1' },
    answer: RUN,
    follows: [{ sends: 'GET /eval-runs/r1/events', query: { from: '0' }, answer: EVENTS }],
    gives: EVENTS_GIVEN,
  },
  {
    name: 'agents.evalOnly',
    call: (sonzai) => all(sonzai.agents.evalOnly('luna', { template_id: 't1', source_run_id: 'r0' })),
    sends: 'POST /agents/luna/eval-only',
    body: { template_id: 't1', source_run_id: 'r0' },
    answer: RUN,
    follows: [{ sends: 'GET /eval-runs/r1/events', query: { from: '0' }, answer: EVENTS }],
    gives: EVENTS_GIVEN,
  },
  {
    name: 'evalTemplates.list',
    call: (sonzai) => sonzai.evalTemplates.list({ type: 'quality' }),
    sends: 'GET /eval-templates',
    query: { type: 'quality' },
    answer: { templates: [{ template_id: 't1', categories: [] }] },
    gives: { templates: [{ template_id: 't1', id: 't1', categories: [] }] },
  },
  {
    name: 'evalTemplates.create',
    call: (sonzai) =>
      sonzai.evalTemplates.create({
        name: 'T',
        template_type: 'quality',
        temperature: 0,
        categories: [{ name: 'Depth', weight: 1, criteria: 'Is it deep?' }],
      }),
    sends: 'POST /eval-templates',
    body: {
      name: 'T',
      template_type: 'quality',
      temperature: 0,
      categories: [{ key: 'depth', label: 'Depth', prompt_instructions: 'Is it deep?' }],
    },
    answer: { template_id: 't1', categories: null },
    gives: { template_id: 't1', id: 't1', categories: [] },
  },
  {
    name: 'evalTemplates.update',
    call: (sonzai) => sonzai.evalTemplates.update('t1', { judge_model: 'm', max_tokens: 10 }),
    sends: 'PUT /eval-templates/t1',
    body: { judge_model: 'm', max_tokens: 10 },
    answer: { template_id: 't1', categories: [] },
    gives: { template_id: 't1', id: 't1', categories: [] },
  },
  {
    name: 'evalTemplates.delete',
    call: (sonzai) => sonzai.evalTemplates.delete('t1'),
    sends: 'DELETE /eval-templates/t1',
    answer: { success: true },
  },
  {
    name: 'evalRuns.list',
    call: (sonzai) => sonzai.evalRuns.list({ agent_id: 'luna', page_size: 30 }),
    sends: 'GET /eval-runs',
    query: { agent_id: 'luna', page_size: '30' },
    answer: { runs: null, has_more: false },
    gives: { runs: [], has_more: false },
  },
  {
    name: 'evalRuns.get',
    call: (sonzai) => sonzai.evalRuns.get('r1'),
    sends: 'GET /eval-runs/r1',
    answer: { run_id: 'r1', completed_at: null },
  },
  {
    name: 'evalRuns.streamEvents',
    call: (sonzai) => all(sonzai.evalRuns.streamEvents('r1', { from_index: 7 })),
    sends: 'GET /eval-runs/r1/events',
    query: { from: '7' },
    answer: EVENTS,
    gives: EVENTS_GIVEN,
  },
  {
    name: 'evalRuns.delete',
    call: (sonzai) => sonzai.evalRuns.delete('r1'),
    sends: 'DELETE /eval-runs/r1',
    answer: { success: true },
  },
];

/** The bodies of what follows, where there are any. */
const LATER_BODIES: Readonly<Record<string, unknown>> = {
  'session.end': { user_id: 'u', session_id: 's', instance_id: 'i', total_messages: 4, duration_seconds: 60 },
  'session.turn': { userId: 'u', instanceId: 'i', messages: MESSAGES, fetchNextContext: { query: 'q' } },
};

/** Methods beside those of the platform's SDK: they go through the pages of one of them. */
const BESIDES = ['agents.eachUser', 'evalRuns.each'];

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

function answerOf(answer: unknown) {
  if (answer === undefined) return { status: 204 };
  const isStream = typeof answer === 'object' && answer !== null && 'frames' in answer;
  return isStream ? (answer as { frames: unknown[] }) : { json: answer };
}

describe('the tables of the contract', () => {
  let platform: Recorder;
  let sonzai: Sonzai;
  beforeAll(async () => {
    platform = await Recorder.start();
    sonzai = new Sonzai({ apiKey: 'sk-1', baseUrl: platform.url });
  });
  afterAll(() => platform.close());

  it.each(ROWS)('$name', async (row) => {
    const { call, sends, query = {}, body, answer, follows = [] } = row;
    const first = platform.heard.length;
    platform.script(answerOf(answer), ...follows.map((next) => answerOf(next.answer)));
    const given = await call(sonzai);
    const heard = platform.heard.slice(first);

    expect(given).toEqual('gives' in row ? row.gives : answer);
    const path = (request: (typeof heard)[number]) => request.path.replace(/^\/api\/v1/, '');
    expect(heard.map((request) => `${request.method} ${path(request)}`)).toEqual([
      sends,
      ...follows.map((next) => next.sends),
    ]);
    expect(heard[0]?.query).toEqual(query);
    expect(heard[0]?.headers.authorization).toBe('Bearer sk-1');
    expect(heard[0]?.body).toEqual(body);
    for (const [at, next] of follows.entries()) expect(heard[at + 1]?.query).toEqual(next.query ?? {});
    if (row.name in LATER_BODIES) expect(heard[1]?.body).toEqual(LATER_BODIES[row.name]);
    expect(heard.every((request) => request.path.startsWith('/api/v1/'))).toBe(true);
  });

  it('are gone through completely: 59 methods over 53 operations', () => {
    expect(new Set(ROWS.map((row) => row.name)).size).toBe(59);
    const operations = ROWS.flatMap(({ sends, follows = [] }) => [
      sends,
      ...follows.map((next) => next.sends),
    ]);
    const templates = operations.map((operation) => operation.replace('p%2F1', 'p1'));
    expect(new Set(templates).size).toBe(53);
  });

  it('name every method that the client has', () => {
    const groups = { byok: sonzai.byok, evalRuns: sonzai.evalRuns, evalTemplates: sonzai.evalTemplates };
    const { agents } = sonzai;
    const { instances, memory, personality, sessions, notifications, customStates } = agents;
    const inner = { instances, memory, personality, sessions, notifications, customStates };
    const methods = [
      ...Object.entries(groups).flatMap(([name, group]) => methodsOf(name, group)),
      ...methodsOf('agents', agents),
      ...Object.entries(inner).flatMap(([name, group]) => methodsOf(`agents.${name}`, group)),
    ];
    const inTable = ROWS.map((row) => row.name).filter((name) => !name.startsWith('session.'));
    expect(methods.sort()).toEqual([...inTable, ...BESIDES].sort());
  });
});

function methodsOf(name: string, group: object): string[] {
  const found = new Set<string>();
  for (let at = Object.getPrototypeOf(group); at !== Object.prototype; at = Object.getPrototypeOf(at)) {
    for (const method of Object.getOwnPropertyNames(at))
      if (method !== 'constructor') found.add(`${name}.${method}`);
  }
  return [...found];
}
