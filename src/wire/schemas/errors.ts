import * as z from 'zod/mini';
import type { ApiError } from '../codes.js';
import { checked, fields, open } from './shared.js';

export const apiErrorSchema = z.looseObject({
  code: checked(open<ApiError['code']>(), z.minLength(1, 'must not be empty')),
  message: z.string(),
  details: z.exactOptional(fields),
});
