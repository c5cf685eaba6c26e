/** Lines on a fresh roll of paper: about 30 m, a small one. */
export const ROLL_LINES = 8_000
