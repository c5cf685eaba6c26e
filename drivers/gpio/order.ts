import type { Edge } from '../host.ts'
import { KEPT_EDGES_MAX } from './uapi.ts'

export interface NumberedEdge {
  readonly edge: Edge
  /** What the kernel gave it among all edges of its request, in 32 bits. */
  readonly seqno: number
}

/** Edges that follow each other, and how many were lost before the first of them. */
export interface EdgeRun {
  readonly edges: Edge[]
  readonly lost: number
}

/**
 * Puts what was read in order and tells what is missing. A gap alone is no loss: the kernel numbers
 * an edge in its interrupt, but queues it in a thread of its line (gpiolib-cdev.c, edge_irq_handler
 * and edge_irq_thread). So edges of two lines overtake each other, two of one line may bear the
 * same number, and a thread that is late queues one edge for two. Lost is by how much the highest
 * number is ahead of how many edges came.
 */
export function edgeOrder(): (read: readonly NumberedEdge[]) => readonly EdgeRun[] {
  /** Counts on where the kernel's 32 bits begin anew. */
  let highest = 0
  let came = 0
  let told = 0
  const placeOf = (seqno: number): number => {
    const behind = (highest - seqno) >>> 0
    if (behind < Math.min(highest, KEPT_EDGES_MAX)) return highest - behind
    highest += (seqno - highest) >>> 0
    return highest
  }
  return read => {
    let last = highest
    const placed = read.map(({ edge, seqno }) => ({ edge, place: placeOf(seqno) }))
    placed.sort((a, b) => a.place - b.place)
    came += read.length
    let missing = Math.max(0, highest - came - told)
    told += missing
    const runs: EdgeRun[] = []
    for (const { edge, place } of placed) {
      const lost = Math.min(missing, Math.max(0, place - last - 1))
      missing -= lost
      last = Math.max(last, place)
      if (lost > 0 || runs.length === 0) runs.push({ edges: [], lost })
      runs.at(-1)?.edges.push(edge)
    }
    return runs
  }
}
