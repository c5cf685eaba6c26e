import { Fault } from '../../node/core/ports.ts'
import type { Condition } from '../driver.ts'

/** For sensors on GPIO lines: the kernel had no room for what happened. */
export const missed = (lost: number): Condition => ({
  state: 'degraded',
  sentence: `This machine was too busy and missed ${lost} changes of the sensor.`,
  fix: 'Nothing, if it was once: that minute counts as unknown. Else end other programs.'
})

export const chipLost = (): Fault =>
  new Fault({
    code: 'device-absent',
    message: 'The GPIO chip of this sensor is gone.',
    fix: 'Plug it in again; counting goes on by itself.',
    isRetryable: true
  })

/** For sensors at serial ports. */
export const sensorUnplugged = (): Fault =>
  new Fault({
    code: 'device-absent',
    message: 'The sensor was unplugged.',
    fix: 'Plug it in again; counting goes on by itself.',
    isRetryable: true
  })
