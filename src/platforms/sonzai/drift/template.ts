import type { EvalTemplate, TemplateCategory, UpdateEvalTemplate } from '../records/eval-template.js';
import type { OpenRecord } from '../records/open-record.js';

/** A template with its categories in the platform's own form. */
export function wireTemplate(template: UpdateEvalTemplate): OpenRecord {
  const { categories } = template;
  if (!Array.isArray(categories)) return { ...template };
  return { ...template, categories: categories.map(wireCategory) };
}

/** The platform has no place for `weight`: it is left out. */
function wireCategory(category: TemplateCategory): OpenRecord {
  const { name, weight: _, criteria, key, label, prompt_instructions, ...rest } = category;
  return {
    ...rest,
    key: key ?? (name === undefined ? undefined : slugOf(name)),
    label: label ?? name,
    prompt_instructions: prompt_instructions ?? criteria,
  };
}

/** `Emotional Depth!` becomes `emotional_depth`. A name without letters or digits stays what it is. */
function slugOf(name: string): string {
  const slug = name
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '_')
    .replace(/^_+|_+$/g, '');
  return slug === '' ? name : slug;
}

/** A template with its id under both names. */
export function readTemplate(template: OpenRecord): EvalTemplate {
  const id = template.template_id ?? template.id;
  return { ...template, template_id: id, id, categories: template.categories ?? [] } as EvalTemplate;
}
