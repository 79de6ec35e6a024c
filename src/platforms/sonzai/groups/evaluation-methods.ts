import { checkFilled } from '../../../http/index.js';
import type { SonzaiCallOptions } from '../call-options.js';
import { checkFields, checkNotEmpty } from '../checks.js';
import { wirePersona } from '../drift/persona.js';
import { EvalEvents } from '../evaluation/eval-events.js';
import type { EvalOnly, Evaluate, Evaluation, RunEval, RunStarted, Simulate } from '../records/evaluation.js';
import { ContextMethods } from './context-methods.js';

/** Trying an agent out. */
export abstract class EvaluationMethods extends ContextMethods {
  /**
   * Judges a conversation. The sources disagree on what comes back: a result, or the id of a run whose result comes later.
   *
   * @example
   * const evaluation = await sonzai.agents.evaluate('luna', { messages, template_id: 't1' });
   * if (evaluation.run_id === undefined) console.log(evaluation.score);
   * else console.log((await sonzai.evalRuns.get(evaluation.run_id)).evaluation_result);
   */
  async evaluate(agentId: string, fields: Evaluate, options: SonzaiCallOptions = {}): Promise<Evaluation> {
    const label = 'agents.evaluate';
    checkFields(fields, label);
    checkNotEmpty(fields.messages, 'messages', label);
    checkFilled(fields.template_id, 'template_id');
    return this.wire.object(trialOf('evaluate', label, agentId, withPersona(fields)), options);
  }

  /** Begins a simulation: somebody made up talks to the agent. */
  async simulateAsync(
    agentId: string,
    fields: Simulate = {},
    options: SonzaiCallOptions = {},
  ): Promise<RunStarted> {
    const label = 'agents.simulateAsync';
    checkFields(fields, label);
    return this.wire.object(trialOf('simulate', label, agentId, withPersona(fields)), options);
  }

  /** Begins a simulation that is judged. */
  async runEvalAsync(agentId: string, fields: RunEval, options: SonzaiCallOptions = {}): Promise<RunStarted> {
    const label = 'agents.runEvalAsync';
    checkFields(fields, label);
    checkFilled(fields.template_id, 'template_id');
    return this.wire.object(trialOf('run-eval', label, agentId, withPersona(fields)), options);
  }

  /** A simulation, and what happens in it as it happens. */
  simulate(agentId: string, fields: Simulate = {}, options: SonzaiCallOptions = {}): EvalEvents {
    return this.#follow((call) => this.simulateAsync(agentId, fields, call), options);
  }

  /** A simulation that is judged, and what happens in it as it happens. */
  runEval(agentId: string, fields: RunEval, options: SonzaiCallOptions = {}): EvalEvents {
    return this.#follow((call) => this.runEvalAsync(agentId, fields, call), options);
  }

  /** Judges a run that has been, anew, and what happens in it as it happens. */
  evalOnly(agentId: string, fields: EvalOnly, options: SonzaiCallOptions = {}): EvalEvents {
    return this.#follow(async (call) => {
      const label = 'agents.evalOnly';
      checkFields(fields, label);
      checkFilled(fields.template_id, 'template_id');
      checkFilled(fields.source_run_id, 'source_run_id');
      return this.wire.object<RunStarted>(trialOf('eval-only', label, agentId, fields), call);
    }, options);
  }

  #follow(
    begin: (options: SonzaiCallOptions) => Promise<RunStarted>,
    options: SonzaiCallOptions,
  ): EvalEvents {
    return new EvalEvents(this.wire, async (call) => (await begin(call)).run_id, 0, options);
  }
}

function withPersona<T extends Simulate | Evaluate | RunEval>(fields: T): object {
  return { ...fields, user_persona: wirePersona(fields.user_persona) };
}

function trialOf(kind: string, label: string, agentId: string, body: object) {
  return { label, method: 'POST', path: `/agents/{agentId}/${kind}`, ids: { agentId }, body } as const;
}
