import * as v from 'valibot';
import { ALLOWED_ATTACHMENT_MIME, ATTACHMENT_FILENAME_MAX_LENGTH, MAX_ATTACHMENT_SIZE } from '../limits.js';
import { count, filled, handleReference, later, number, object } from './shared.js';

export const createUploadRequestSchema = later(() =>
  v.pipe(
    object({
      to: v.optional(handleReference()),
      conversation_id: v.optional(filled()),
      filename: v.pipe(
        filled(),
        v.maxLength(
          ATTACHMENT_FILENAME_MAX_LENGTH,
          `must have at most ${ATTACHMENT_FILENAME_MAX_LENGTH} characters`,
        ),
      ),
      content_type: v.picklist(
        ALLOWED_ATTACHMENT_MIME,
        `must be one of ${ALLOWED_ATTACHMENT_MIME.join(', ')}`,
      ),
      size: v.pipe(count(), v.maxValue(MAX_ATTACHMENT_SIZE, `must be ${MAX_ATTACHMENT_SIZE} bytes or less`)),
      sha256: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/, 'must be 64 lower-case hex digits')),
    }), // Whether a file may be addressed to nobody is not known, so that case is left to the service.
    v.forward(
      v.check(
        (request) => request.to === undefined || request.conversation_id === undefined,
        'must not be given together with `conversation_id`',
      ),
      ['to'],
    ),
  ),
);

export const createUploadResponseSchema = later(() =>
  object({
    attachment_id: filled(),
    upload_url: filled(),
    expires_in: number(),
  }),
);
