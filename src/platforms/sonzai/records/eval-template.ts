import type { OpenRecord } from './open-record.js';

/**
 * What is judged. The platform's own form is `key, label, prompt_instructions`; the form of its SDK documents is taken too: `name` gives
 * key and label, `criteria` the instructions. The platform has no place for `weight`: it is not sent.
 */
export interface TemplateCategory {
  readonly key?: string | undefined;
  readonly label?: string | undefined;
  readonly prompt_instructions?: string | undefined;
  readonly name?: string | undefined;
  readonly weight?: number | undefined;
  readonly criteria?: string | undefined;
}

export interface UpdateEvalTemplate {
  readonly name?: string | undefined;
  readonly description?: string | undefined;
  readonly judge_model?: string | undefined;
  readonly temperature?: number | undefined;
  readonly max_tokens?: number | undefined;
  readonly scoring_rubric?: string | undefined;
  readonly categories?: readonly TemplateCategory[] | undefined;
}

export interface CreateEvalTemplate extends UpdateEvalTemplate {
  readonly name: string;
  readonly template_type?: 'quality' | 'adaptation' | undefined;
}

export interface EvalTemplate extends OpenRecord {
  readonly template_id: string;
  /** The same as `template_id`, as the documents of the platform's SDK have it. */
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly template_type: string;
  readonly judge_model: string;
  readonly temperature: number;
  readonly max_tokens: number;
  readonly scoring_rubric: string;
  readonly categories: readonly OpenRecord[];
  readonly is_system: boolean;
  readonly created_at: string;
  readonly updated_at: string;
}

export interface EvalTemplateList extends OpenRecord {
  readonly templates: readonly EvalTemplate[];
}

export interface ListEvalTemplates {
  readonly type?: 'quality' | 'adaptation' | undefined;
}
