/** A session of this agent says that it is answering, so that its other processes keep quiet. */
export interface ReplyActiveRequest {
  session_id?: string | undefined;
  ttl_seconds?: number | undefined;
}

export interface ReplyActiveResponse {
  active: boolean;
}

export interface ClearReplyActiveRequest {
  session_id?: string | undefined;
}

/** One process of this agent asks for the right to answer a message. The same `holder` may ask again. */
export interface ClaimReplyRequest {
  message_id: string;
  holder: string;
  defer_if_active?: boolean | undefined;
}

export interface ClaimReplyResponse {
  claimed: boolean;
  deferred?: boolean;
}

export interface ClaimReplyBatchRequest {
  /** Oldest first. */
  message_ids: string[];
  holder: string;
  defer_if_active?: boolean | undefined;
}

export interface ClaimReplyBatchResponse {
  /** How many were granted, counted from the oldest on. */
  claimed_count: number;
  deferred?: boolean;
}
