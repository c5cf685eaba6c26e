/** What a scale answers when it is asked for the weight. */
export type ScaleReply =
  | { readonly reply: 'weight'; readonly milligrams: number; readonly isStable: boolean }
  | { readonly reply: 'overload' | 'underload' }
  /** It does something else at the moment, such as taring. */
  | { readonly reply: 'busy' }
  /** It was switched on with a load on it, and has no zero. */
  | { readonly reply: 'not-zeroed' }
  /** It found itself broken: memory or calibration. */
  | { readonly reply: 'broken' }
  /** It does not know our question. */
  | { readonly reply: 'not-understood' }
  /** Bytes that no scale of this kind sends. */
  | { readonly reply: 'noise' }

/** Takes bytes as they come, cut anywhere. */
export type ReplyReader = (bytes: Uint8Array) => readonly ScaleReply[]

/** The longest answer has some twenty characters; more without an end is noise. */
export const REPLY_BYTES_MAX = 64
