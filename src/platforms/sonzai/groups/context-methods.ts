import { checkOptionNames } from '../../../http/index.js';
import type { Pager } from '../../shared/pager.js';
import type { SonzaiCallOptions } from '../call-options.js';
import { wireContextQuery } from '../casing/wire-context-query.js';
import { type CursorPage, nextOf } from '../cursor-page.js';
import type { AgentContext, ContextQuery } from '../records/context.js';
import type {
  AgentUser,
  Diary,
  DiaryQuery,
  GoalList,
  GoalsQuery,
  HabitList,
  InterestList,
  MoodAnswer,
  OfUser,
  RelationshipList,
  UserPage,
  UsersQuery,
} from '../records/context-data.js';
import { ChatMethods } from './chat-methods.js';

const OF_USER: readonly string[] = ['user_id', 'instance_id'];
const USERS_LABEL = 'agents.getUsers';

/** What is in an agent's mind. */
export abstract class ContextMethods extends ChatMethods {
  /** All that a model of your own needs to speak as the agent with this person. */
  async getContext(
    agentId: string,
    fields: ContextQuery,
    options: SonzaiCallOptions = {},
  ): Promise<AgentContext> {
    const label = 'agents.getContext';
    const query = wireContextQuery(fields);
    return this.wire.object(
      { label, method: 'GET', path: '/agents/{agentId}/context', ids: { agentId }, query },
      options,
    );
  }

  async getMood(agentId: string, query: OfUser = {}, options: SonzaiCallOptions = {}): Promise<MoodAnswer> {
    return this.wire.object(mindOf('mood', 'getMood', agentId, query, OF_USER), options);
  }

  async getRelationships(
    agentId: string,
    query: OfUser = {},
    options: SonzaiCallOptions = {},
  ): Promise<RelationshipList> {
    const operation = mindOf('relationships', 'getRelationships', agentId, query, OF_USER);
    return this.wire.lists<RelationshipList>(operation, ['relationships'], options);
  }

  async getHabits(agentId: string, query: OfUser = {}, options: SonzaiCallOptions = {}): Promise<HabitList> {
    return this.wire.lists<HabitList>(
      mindOf('habits', 'getHabits', agentId, query, OF_USER),
      ['habits'],
      options,
    );
  }

  async getGoals(
    agentId: string,
    query: GoalsQuery = {},
    options: SonzaiCallOptions = {},
  ): Promise<GoalList> {
    return this.wire.lists<GoalList>(
      mindOf('goals', 'getGoals', agentId, query, ['user_id']),
      ['goals'],
      options,
    );
  }

  async getInterests(
    agentId: string,
    query: OfUser = {},
    options: SonzaiCallOptions = {},
  ): Promise<InterestList> {
    const operation = mindOf('interests', 'getInterests', agentId, query, OF_USER);
    return this.wire.lists<InterestList>(operation, ['interests'], options);
  }

  /** What the agent has written down: one day (`date`, then see `entry`), or the latest days (`entries`). */
  async getDiary(agentId: string, query: DiaryQuery = {}, options: SonzaiCallOptions = {}): Promise<Diary> {
    const operation = mindOf('diary', 'getDiary', agentId, query, [...OF_USER, 'date', 'limit']);
    return this.wire.lists<Diary>(operation, ['entries'], options);
  }

  /** One page of the people whom the agent knows. For all, see {@link eachUser}. */
  async getUsers(
    agentId: string,
    query: UsersQuery = {},
    options: SonzaiCallOptions = {},
  ): Promise<UserPage> {
    const operation = mindOf('users', 'getUsers', agentId, query, ['page_size', 'cursor']);
    return this.wire.lists<UserPage>(operation, ['users'], options);
  }

  /**
   * Everybody whom the agent knows, page by page as they are needed.
   *
   * @example
   * for await (const user of sonzai.agents.eachUser('luna')) console.log(user.user_id);
   */
  eachUser(
    agentId: string,
    query: UsersQuery = {},
    options: SonzaiCallOptions = {},
  ): Pager<AgentUser, CursorPage<AgentUser>> {
    return this.wire.pager(USERS_LABEL, async (cursor = query.cursor) => {
      const page = await this.getUsers(agentId, { ...query, cursor }, options);
      return { items: page.users, next: nextOf(page) };
    });
  }
}

/** One look into an agent's mind. */
function mindOf(part: string, method: string, agentId: string, query: object, names: readonly string[]) {
  const label = `agents.${method}`;
  checkOptionNames(query, names, `${label} field`);
  return {
    label,
    method: 'GET',
    path: `/agents/{agentId}/${part}`,
    ids: { agentId },
    query: { ...query },
  } as const;
}
