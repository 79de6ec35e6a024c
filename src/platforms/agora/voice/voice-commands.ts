import { checkFunction, checkInteger, checkOptionNames, given, invalid } from '../../../http/index.js';
import { AgentClient } from '../client/agent-client.js';
import { ApiError } from '../client/api-error.js';
import { MOST_SPOKEN_BYTES } from '../operations/request-fields.js';
import { Agent } from '../session/agent.js';
import { checkLifetime, expiresInHours } from '../token/lifetime.js';
import { checkUid } from '../token/uid.js';
import { CallStore } from './call-store.js';
import type { VoiceBot, VoiceReply, VoiceTurn } from './voice-bot.js';
import { type VoiceCall, VoiceCalls } from './voice-calls.js';
import { filled, VOICE_TEXTS, type VoiceTexts } from './voice-texts.js';

/** Options of {@link voiceCommands}. */
export interface VoiceCommandsOptions {
  /** The bot that is to make calls. Its store remembers them. */
  readonly bot: VoiceBot;
  /** With an `appCertificate`, which signs the tokens of those who join. */
  readonly client: AgentClient;
  /** Who speaks: an agent, or a function that gives one for each call. Names of agents are not used. */
  readonly agent: Agent | ((call: Omit<VoiceCall, 'agentId'>) => Agent | Promise<Agent>);
  /** The agents' uid, below 1,000. Default `'1'`. */
  readonly agentUid?: string | undefined;
  /** How long the caller's token is good for, in seconds; the call ends for the caller with it. Default 3,600. */
  readonly joinExpiresIn?: number | undefined;
  /** Seconds after which an agent that nobody talks to leaves. Default 120; 0: never. */
  readonly idleTimeout?: number | undefined;
  /** What the names of channels begin with, at most 20 characters. Default `agentchat`. */
  readonly channelPrefix?: string | undefined;
  /** What is said above the way in, in place of `texts.join`: a link to a page that joins, say. It may hold the token. */
  readonly describe?: ((join: JoinData) => string) | undefined;
  /** What the bot says. Default: English. */
  readonly texts?: Partial<VoiceTexts> | undefined;
  /** Without the slash. Default `call`, `hangup` and `say`. */
  readonly names?: { readonly call?: string; readonly hangUp?: string; readonly say?: string } | undefined;
  /** Whether `call me`, `hang up` and, during a call, `say ...` are commands without a slash too. Default true. */
  readonly phrases?: boolean | undefined;
}

/** The way into a call, as it stands in the message's `data.agora_call`. It is for the caller alone. */
export interface JoinData {
  readonly app_id: string;
  readonly channel: string;
  readonly uid: number;
  readonly token: string;
  /** ISO 8601. */
  readonly expires_at: string;
}

/** What {@link voiceCommands} gives back. */
export interface VoiceCommands {
  /** The call of a conversation, as the store knows it; null without one. */
  callIn(conversationId: string): Promise<VoiceCall | null>;
  /**
   * Compares what the store remembers with what the platform says, and forgets calls that are over. Not needed for the
   * commands, which look for themselves; a good thing to do when a bot starts. @returns The calls that go on.
   */
  reconcile(options?: { readonly signal?: AbortSignal | undefined }): Promise<readonly VoiceCall[]>;
  /** Ends all calls: for a bot that stops for good. Agents leave by themselves too, after `idleTimeout`. */
  hangUpAll(options?: { readonly signal?: AbortSignal | undefined }): Promise<void>;
}

const NAMES: { readonly [Name in keyof VoiceCommandsOptions]-?: true } = {
  bot: true,
  client: true,
  agent: true,
  agentUid: true,
  joinExpiresIn: true,
  idleTimeout: true,
  channelPrefix: true,
  describe: true,
  texts: true,
  names: true,
  phrases: true,
};
const DEFAULT_IDLE_TIMEOUT_S = 120;
/** Behind a mention, too: in groups a bot hears what mentions it. */
const CALL_ME = /^\s*(?:@[a-z0-9-]+[,:]?\s+)?(?:please\s+)?call\s+me[.!]?\s*$/i;
const HANG_UP = /^\s*(?:@[a-z0-9-]+[,:]?\s+)?(?:please\s+)?hang\s*up[.!]?\s*$/i;
const SAY = /^\s*(?:@[a-z0-9-]+[,:]?\s+)?say[:,]?\s+([\s\S]+)$/i;

/**
 * Teaches a bot to make calls: `/call` (or "call me") starts a voice agent and sends the caller the way in, `/hangup` (or "hang up")
 * ends it, `/say` has the agent say something.
 *
 * The caller gets a token of his own, with a uid of his own and a short life; the certificate stays here. In a group the way in goes
 * to the caller directly. Calls are remembered in the bot's store by conversation: a bot that was restarted, or died in the middle
 * of a command, goes on with the call that there is.
 *
 * @throws ValidationError that names the option that is wrong.
 * @example
 * const bot = createBot({ store, think });
 * const voice = voiceCommands({ bot, client, agent });
 * await voice.reconcile();
 * await bot.run();
 */
export function voiceCommands(asked: VoiceCommandsOptions): VoiceCommands {
  const options = given(asked);
  check(options);
  const { bot, client, agent, agentUid = '1', idleTimeout = DEFAULT_IDLE_TIMEOUT_S } = options;
  const { channelPrefix = 'agentchat', names, phrases = true } = options;
  const store = new CallStore(bot.store.values, client.appId);
  const agentOf = typeof agent === 'function' ? agent : () => agent;
  const calls = new VoiceCalls(client, store, { agentOf, agentUid, idleTimeout, channelPrefix });
  const talk = new VoiceTalk(calls, options);
  bot.command(names?.call ?? 'call', (turn) => talk.call(turn));
  bot.command(names?.hangUp ?? 'hangup', (turn) => talk.hangUp(turn));
  bot.command(names?.say ?? 'say', (turn, text) => talk.say(turn, text));
  if (phrases) bot.use((turn, next) => talk.hear(turn, next));
  return {
    callIn: (conversationId) => calls.get(conversationId),
    reconcile: ({ signal } = {}) => calls.reconcile(signal),
    hangUpAll: ({ signal } = {}) => calls.hangUpAll(signal),
  };
}

/** The commands themselves: what is done, and what is answered. */
class VoiceTalk {
  readonly #calls: VoiceCalls;
  readonly #client: AgentClient;
  readonly #texts: VoiceTexts;
  readonly #joinExpiresIn: number;
  readonly #describe: ((join: JoinData) => string) | undefined;

  constructor(calls: VoiceCalls, { client, texts, joinExpiresIn, describe }: VoiceCommandsOptions) {
    this.#calls = calls;
    this.#client = client;
    this.#texts = { ...VOICE_TEXTS, ...texts };
    this.#joinExpiresIn =
      joinExpiresIn === undefined ? expiresInHours(1) : checkLifetime(joinExpiresIn, 'joinExpiresIn');
    this.#describe = describe;
  }

  /** Nothing of it is a step of the turn: the record of the call tells a turn that runs again what there is. */
  async call(turn: VoiceTurn): Promise<string | null> {
    const { conversation, sender, isGroup, signal } = turn;
    try {
      const { kind, call } = await this.#calls.start(conversation.id, sender, signal);
      if (kind === 'taken') return filled(this.#texts.taken, { caller: call.caller });
      const way = this.#wayInto(call);
      if (isGroup) {
        await turn.send(sender, way);
        return this.#texts.sentToYou;
      }
      await turn.reply(way);
      return null;
    } catch (error) {
      if (error instanceof ApiError && error.kind === 'quota') return this.#texts.busy;
      throw error;
    }
  }

  async hangUp(turn: VoiceTurn): Promise<string> {
    const wasOn = await turn.step('agora.hangUp', ({ signal }) =>
      this.#calls.hangUp(turn.conversation.id, signal),
    );
    return wasOn ? this.#texts.hungUp : this.#texts.noCall;
  }

  async say(turn: VoiceTurn, text: string): Promise<string> {
    if (text.trim() === '') return this.#texts.nothingToSay;
    if (new TextEncoder().encode(text).length > MOST_SPOKEN_BYTES) return this.#texts.tooLong;
    // A turn that runs again does not say it twice.
    const isSaid = await turn.step('agora.say', ({ signal }) =>
      this.#calls.say(turn.conversation.id, text, signal),
    );
    return isSaid ? this.#texts.said : this.#texts.noCall;
  }

  /** Commands without a slash. `say ...` is one only during a call: it is how people talk. */
  async hear(turn: VoiceTurn & { answer: string | null }, next: () => Promise<void>): Promise<void> {
    const { text, conversation } = turn;
    if (CALL_ME.test(text)) turn.answer = await this.call(turn);
    else if (HANG_UP.test(text)) turn.answer = await this.hangUp(turn);
    else {
      const words = SAY.exec(text)?.[1];
      if (words === undefined || (await this.#calls.get(conversation.id)) === null) await next();
      else turn.answer = await this.say(turn, words);
    }
  }

  #wayInto({ channel, uid }: VoiceCall): VoiceReply {
    const tokenExpire = this.#joinExpiresIn;
    const join: JoinData = {
      app_id: this.#client.appId,
      channel,
      uid,
      token: this.#client.generateRtcToken({ channelName: channel, uid, tokenExpire }),
      expires_at: new Date(Date.now() + tokenExpire * 1_000).toISOString(),
    };
    const minutes = Math.round(tokenExpire / 60);
    const text = this.#describe?.(join) ?? filled(this.#texts.join, { channel, uid, minutes });
    return { text, data: { agora_call: join } };
  }
}

function check(options: VoiceCommandsOptions): void {
  checkOptionNames(options, Object.keys(NAMES), 'voiceCommands() option');
  const { bot, client, agent, agentUid, idleTimeout, channelPrefix, describe } = options;
  if (typeof bot?.command !== 'function' || typeof bot.store?.values?.get !== 'function') {
    throw invalid('bot', '"bot" must be a bot, such as createBot() makes it');
  }
  if (!(client instanceof AgentClient)) throw invalid('client', '"client" must be an AgentClient');
  if (!(agent instanceof Agent) && typeof agent !== 'function') {
    throw invalid('agent', '"agent" must be an Agent, or a function that gives one for a call');
  }
  if (agentUid !== undefined) {
    checkUid(agentUid, 'agentUid');
    checkInteger(Number(agentUid), 'agentUid', 1, 999);
  }
  checkInteger(idleTimeout, 'idleTimeout', 0, Number.MAX_SAFE_INTEGER);
  if (channelPrefix !== undefined && !/^[A-Za-z0-9_-]{1,20}$/.test(channelPrefix)) {
    throw invalid('channelPrefix', '"channelPrefix" must be 1 to 20 letters, digits, "_" or "-"');
  }
  checkFunction(describe, 'describe');
  checkOptionNames(options.texts ?? {}, Object.keys(VOICE_TEXTS), 'texts option');
  checkOptionNames(options.names ?? {}, ['call', 'hangUp', 'say'], 'names option');
  // Told now rather than to the first caller.
  client.generateRtcToken({ channelName: 'check', uid: 1 });
}
