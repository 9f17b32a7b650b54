// Sends the same messages as `library.py` by Segment's library for Node: MODULES HOST KEY.
import { createRequire } from 'node:module'
const [modules, host, writeKey] = process.argv.slice(2)
const { Analytics } = createRequire(modules + '/')('@segment/analytics-node')
const analytics = new Analytics({ host, writeKey, maxRetries: 2, flushAt: 15 })
let failed = false
analytics.on('error', () => { failed = true })
const timestamp = new Date('2026-03-01T10:00:00Z')
analytics.identify({ anonymousId: 'anon-1', traits: { firstName: 'Anna', phone: '+4930901820' }, timestamp })
analytics.alias({ userId: 'user-1', previousId: 'anon-1', timestamp })
for (const _ of [1, 2]) {
  analytics.track({ userId: 'user-1', event: 'Booking', messageId: 'm-1', timestamp,
    properties: { booking_id: 'b1', starts_at: '2030-03-05T10:00:00Z', price: 49.5, currency: 'EUR' } })
}
analytics.page({ userId: 'user-1', name: 'Node', category: 'Docs' })
analytics.group({ userId: 'user-1', groupId: 'g1', traits: { name: 'Salon' } })
await analytics.closeAndFlush()
console.log(failed ? 'failed' : 'sent')
