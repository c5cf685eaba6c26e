import { startTimer } from '../../drivers/timer.ts'
import { linkContract } from '../contract/link.ts'
import { memoryLinks } from '../mesh/memory-links.ts'
import { openAlley, openDiallerOf, openInboxOf } from './members.ts'

linkContract('in memory', async () => memoryLinks({ startTimer }))

linkContract('MQTT over mutual TLS', async () => {
  const alley = await openAlley()
  const closers: (() => Promise<unknown>)[] = [alley.remove]
  return {
    open: async (name, take) => {
      const member = await alley.admit(name)
      const [inbox, dialler] = [await openInboxOf(member, take), openDiallerOf(member)]
      const die = async () => {
        await Promise.all([inbox.close(), dialler.close()])
      }
      closers.push(die)
      return {
        name,
        address: { host: '127.0.0.1', port: inbox.port },
        dial: dialler.dial,
        die
      }
    },
    close: async () => {
      for (const close of closers.splice(0).reverse()) await close()
    }
  }
})
