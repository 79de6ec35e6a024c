import * as v from 'valibot';
import type { ApiError } from '../codes.js';
import { fields, later, object, open } from './shared.js';

export const apiErrorSchema = later(() =>
  object({
    code: v.pipe(open<ApiError['code']>(), v.minLength(1, 'must not be empty')),
    message: v.string(),
    details: v.exactOptional(fields()),
  }),
);
