/** What can happen to an event frame on its way to a client. */
export const FRAME_FAULTS = [
  'halfOpen',
  'cutConnections',
  'dropFrames',
  'duplicateFrames',
  'reorderFrames',
  'delayFrames',
] as const;

/** What can happen to a REST call. */
export const REST_FAULTS = ['restRateLimit', 'restUnavailable', 'restCut', 'restStall'] as const;

/** A fault of the socket, by name. */
export type FrameFaultKind = (typeof FRAME_FAULTS)[number];
/** A fault of REST, by name. */
export type RestFaultKind = (typeof REST_FAULTS)[number];
/** Any fault, by name. */
export type FaultKind = FrameFaultKind | RestFaultKind;

/** Whether a REST fault strikes before the request is carried out, or after it. */
export type Moment = 'before' | 'after';

/** The details of a fault, whichever of them its kind uses. `undefined` leaves it to chance. */
export interface FaultParameters {
  readonly minMs: number;
  readonly maxMs: number;
  readonly ms: number;
  readonly retryAfterSeconds: number;
  readonly when: Moment | undefined;
  readonly part: 'headers' | 'body' | undefined;
}

/** Delays, stalls and hints that are used when a fault is switched on without saying how long. */
export const DEFAULT_PARAMETERS: FaultParameters = {
  minMs: 5,
  maxMs: 50,
  ms: 1_000,
  retryAfterSeconds: 1,
  when: undefined,
  part: undefined,
};

/** What is to be done with one frame. */
export type FrameVerdict =
  | { readonly kind: 'pass' }
  | { readonly kind: 'dropFrames' }
  | { readonly kind: 'duplicateFrames' }
  /** Hold it back until that many further frames have gone. */
  | { readonly kind: 'reorderFrames'; readonly behind: number }
  | { readonly kind: 'delayFrames'; readonly ms: number }
  /** Destroy the socket; the server may or may not believe that the frame went out. */
  | { readonly kind: 'cutConnections'; readonly when: Moment }
  | { readonly kind: 'halfOpen' };

/** What is to be done with one REST call. */
export type RestVerdict =
  | { readonly kind: 'pass' }
  | { readonly kind: 'restUnavailable'; readonly when: Moment }
  | { readonly kind: 'restStall'; readonly ms: number; readonly part: 'headers' | 'body' }
  | { readonly kind: 'restRateLimit'; readonly retryAfterSeconds: number }
  | { readonly kind: 'restCut'; readonly when: Moment };

export function isFrameFault(kind: string): kind is FrameFaultKind {
  return (FRAME_FAULTS as readonly string[]).includes(kind);
}

export function isRestFault(kind: string): kind is RestFaultKind {
  return (REST_FAULTS as readonly string[]).includes(kind);
}
