/** One person on the way past the stall; which beam the body covers is the sensors' business. */
export interface Passage {
  /** When the middle of the body crosses the stall's line, in ms of the monotonic clock. */
  readonly atMs: number
  readonly direction: 'in' | 'out' | 'turned-back'
  readonly metresPerSecond: number
  /** Front to back. */
  readonly depthMetres: number
}

/** The people of a simulated market. All sensors of one stall see the same ones. */
export interface Crowd {
  /**
   * Told of each passage a little before it begins, until the function that it returns is called.
   */
  readonly watch: (listener: (passage: Passage) => void) => () => void
}
