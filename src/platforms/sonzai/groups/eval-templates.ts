import { checkFilled, checkOptionNames } from '../../../http/index.js';
import type { SonzaiCallOptions } from '../call-options.js';
import { checkFields } from '../checks.js';
import { readTemplate, wireTemplate } from '../drift/template.js';
import type {
  CreateEvalTemplate,
  EvalTemplate,
  EvalTemplateList,
  ListEvalTemplates,
  UpdateEvalTemplate,
} from '../records/eval-template.js';
import type { Success } from '../records/open-record.js';
import { Group } from './group.js';

const TEMPLATES = '/eval-templates';
const TEMPLATE = `${TEMPLATES}/{templateId}`;

/** What agents are judged by. */
export class EvalTemplates extends Group {
  async list(query: ListEvalTemplates = {}, options: SonzaiCallOptions = {}): Promise<EvalTemplateList> {
    const label = 'evalTemplates.list';
    checkOptionNames(query, ['type'], `${label} field`);
    const operation = { label, method: 'GET', path: TEMPLATES, query: { ...query } } as const;
    const answer = await this.wire.lists<EvalTemplateList>(operation, ['templates'], options);
    return { ...answer, templates: answer.templates.map(readTemplate) };
  }

  async create(fields: CreateEvalTemplate, options: SonzaiCallOptions = {}): Promise<EvalTemplate> {
    const label = 'evalTemplates.create';
    checkFields(fields, label);
    checkFilled(fields.name, 'name');
    const body = wireTemplate(fields);
    return readTemplate(await this.wire.object({ label, method: 'POST', path: TEMPLATES, body }, options));
  }

  /** Changes what is given; the type of a template stays. */
  async update(
    templateId: string,
    fields: UpdateEvalTemplate,
    options: SonzaiCallOptions = {},
  ): Promise<EvalTemplate> {
    const label = 'evalTemplates.update';
    checkFields(fields, label);
    const body = wireTemplate(fields);
    const operation = { label, method: 'PUT', path: TEMPLATE, ids: { templateId }, body } as const;
    return readTemplate(await this.wire.object(operation, options));
  }

  async delete(templateId: string, options: SonzaiCallOptions = {}): Promise<Success> {
    const label = 'evalTemplates.delete';
    return this.wire.object({ label, method: 'DELETE', path: TEMPLATE, ids: { templateId } }, options);
  }
}
