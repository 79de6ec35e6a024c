import { invalid } from '../http/index.js';
import { MAX_AVATAR_BYTES } from '../wire/index.js';
import { copyOf, isBlob, sizeOf } from './file.js';

/** The bytes of an image. */
export type AvatarImage = Uint8Array | ArrayBuffer | Blob;

/** What a method does with the image of an avatar. */
export interface AvatarOptions {
  /** Such as `image/png`. The service looks at the bytes itself; a `Blob` brings its own. */
  contentType?: string | undefined;
}

/** An image that is ready to be sent, and sent again. */
export interface AvatarUpload {
  readonly body: Uint8Array<ArrayBuffer>;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * The bytes of an avatar, copied, so that every retry sends the same ones.
 *
 * @throws ValidationError for what is no image's bytes, for none, and for more than 5 MB.
 */
export async function avatarUpload(image: AvatarImage, contentType?: string): Promise<AvatarUpload> {
  const type = contentType ?? (isBlob(image) ? image.type : '');
  if (typeof type !== 'string' || !/^[\x20-\x7e]*$/.test(type)) {
    throw invalid('contentType', '"contentType" must be the type of the image, such as "image/png"');
  }
  // A large file is refused before it is read.
  checkSize(sizeOf(image));
  return { body: await copyOf(image), headers: type === '' ? {} : { 'Content-Type': type } };
}

function checkSize(size: number | undefined): void {
  if (size === undefined) {
    throw invalid(
      'image',
      '"image" must be a Uint8Array, an ArrayBuffer or a Blob: the bytes of the file itself',
    );
  }
  if (size === 0) throw invalid('image', '"image" holds no bytes');
  if (size > MAX_AVATAR_BYTES) {
    throw invalid(
      'image',
      `"image" is ${size} bytes large, of at most ${MAX_AVATAR_BYTES}: scale the picture down`,
    );
  }
}
