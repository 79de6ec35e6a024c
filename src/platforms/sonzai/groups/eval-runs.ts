import { checkOptionNames } from '../../../http/index.js';
import type { Pager } from '../../shared/pager.js';
import type { SonzaiCallOptions } from '../call-options.js';
import { type CursorPage, nextOf } from '../cursor-page.js';
import { EvalEvents } from '../evaluation/eval-events.js';
import type { EvalRun, EvalRunPage, EvalRunsQuery, EventsQuery } from '../records/evaluation.js';
import type { Success } from '../records/open-record.js';
import { Group } from './group.js';

const RUNS = '/eval-runs';
const RUN = `${RUNS}/{runId}`;
const LIST_LABEL = 'evalRuns.list';

/** Simulations and evaluations that have been run, or still run. */
export class EvalRuns extends Group {
  /** One page. For all, see {@link each}. */
  async list(query: EvalRunsQuery = {}, options: SonzaiCallOptions = {}): Promise<EvalRunPage> {
    checkOptionNames(query, ['agent_id', 'page_size', 'cursor'], `${LIST_LABEL} field`);
    const operation = { label: LIST_LABEL, method: 'GET', path: RUNS, query: { ...query } } as const;
    return this.wire.lists<EvalRunPage>(operation, ['runs'], options);
  }

  /**
   * All runs, page by page as they are needed.
   *
   * @example
   * for await (const run of sonzai.evalRuns.each({ agent_id: 'luna' })) console.log(run.run_id, run.status);
   */
  each(query: EvalRunsQuery = {}, options: SonzaiCallOptions = {}): Pager<EvalRun, CursorPage<EvalRun>> {
    return this.wire.pager(LIST_LABEL, async (cursor = query.cursor) => {
      const page = await this.list({ ...query, cursor }, options);
      return { items: page.runs, next: nextOf(page) };
    });
  }

  async get(runId: string, options: SonzaiCallOptions = {}): Promise<EvalRun> {
    return this.wire.object({ label: 'evalRuns.get', method: 'GET', path: RUN, ids: { runId } }, options);
  }

  /**
   * What happens in a run, as it happens. A connection that breaks is opened again where it broke, up to `maxRetries` times in a row
   * without an event between them.
   */
  streamEvents(runId: string, query: EventsQuery = {}, options: SonzaiCallOptions = {}): EvalEvents {
    checkOptionNames(query, ['from_index'], 'evalRuns.streamEvents field');
    return new EvalEvents(this.wire, async () => runId, query.from_index ?? 0, options);
  }

  async delete(runId: string, options: SonzaiCallOptions = {}): Promise<Success> {
    return this.wire.object(
      { label: 'evalRuns.delete', method: 'DELETE', path: RUN, ids: { runId } },
      options,
    );
  }
}
