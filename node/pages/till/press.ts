import { useRef } from 'preact/hooks'

const LONG_PRESS_MS = 450
/** A thumb that wanders further than this is scrolling. */
const WANDER_PX_MAX = 10

interface Held {
  readonly timer: ReturnType<typeof setTimeout>
  readonly x: number
  readonly y: number
}

/** A tap, or a finger that stays. The keyboard's menu key is a finger that stays. */
export function useLongPress(on: {
  readonly onPress: () => void
  readonly onLongPress: () => void
}) {
  const held = useRef<Held | null>(null)
  const wasLong = useRef(false)
  const release = () => {
    if (held.current) clearTimeout(held.current.timer)
    held.current = null
  }
  const long = () => {
    release()
    wasLong.current = true
    on.onLongPress()
  }
  return {
    onPointerDown: (event: PointerEvent) => {
      if (event.button !== 0) return
      release()
      wasLong.current = false
      held.current = { timer: setTimeout(long, LONG_PRESS_MS), x: event.clientX, y: event.clientY }
    },
    onPointerMove: (event: PointerEvent) => {
      const { x, y } = held.current ?? { x: event.clientX, y: event.clientY }
      if (Math.hypot(event.clientX - x, event.clientY - y) > WANDER_PX_MAX) release()
    },
    onPointerUp: release,
    onPointerCancel: release,
    onPointerLeave: release,
    onContextMenu: (event: Event) => {
      event.preventDefault()
      if (!wasLong.current) long()
    },
    onClick: () => {
      if (!wasLong.current) on.onPress()
      wasLong.current = false
    }
  }
}
