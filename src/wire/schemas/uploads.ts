import * as z from 'zod/mini';
import { ALLOWED_ATTACHMENT_MIME, ATTACHMENT_FILENAME_MAX_LENGTH, MAX_ATTACHMENT_SIZE } from '../limits.js';
import { checked, count, filled, handleReference } from './shared.js';

export const createUploadRequestSchema = checked(
  z.looseObject({
    to: z.optional(handleReference),
    conversation_id: z.optional(filled),
    filename: checked(
      filled,
      z.maxLength(
        ATTACHMENT_FILENAME_MAX_LENGTH,
        `must have at most ${ATTACHMENT_FILENAME_MAX_LENGTH} characters`,
      ),
    ),
    content_type: z.enum(ALLOWED_ATTACHMENT_MIME, `must be one of ${ALLOWED_ATTACHMENT_MIME.join(', ')}`),
    size: checked(count, z.maximum(MAX_ATTACHMENT_SIZE, `must be ${MAX_ATTACHMENT_SIZE} bytes or less`)),
    sha256: checked(z.string(), z.regex(/^[0-9a-f]{64}$/, 'must be 64 lower-case hex digits')),
  }), // Whether a file may be addressed to nobody is not known, so that case is left to the service.
  z.refine((request) => request.to === undefined || request.conversation_id === undefined, {
    path: ['to'],
    error: 'must not be given together with `conversation_id`',
  }),
);

export const createUploadResponseSchema = z.looseObject({
  attachment_id: filled,
  upload_url: filled,
  expires_in: z.number(),
});
