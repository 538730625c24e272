import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { PrismaPg } from '@prisma/adapter-pg'
import { PrismaClient } from '@prisma/client'
import express from 'express'
import session from 'express-session'
import { RedisFirstStore } from '../../../../../src/doors/express/index.js'
import type { Place } from './run-program.js'

/** What this program says: where it serves, and that a request waits to be let go on. */
export type VisitsMessage = { readonly url: string } | 'held'

const place = JSON.parse(process.argv[2] ?? '') as Place
const prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString: place.databaseUrl }) })
const { redisUrl: redis, prefix } = place
const store = new RedisFirstStore({ redis, prisma, prefix, redisTimeout: '5s' })
const app = express()
app.use(session({ store, secret: 'tides', resave: false, saveUninitialized: false }))

const tell = (message: VisitsMessage) => process.send?.(message)

app.get('/count', (req, res) => {
  const counted = req.session as { count?: number }
  counted.count = (counted.count ?? 0) + 1
  res.json(counted.count)
})

app.get('/put/:key', (req, res) => {
  Object.assign(req.session, { [req.params.key]: true })
  res.json(null)
})

/** As `/put`, once the parent lets it go on. */
app.get('/hold/:key', async (req, res) => {
  const told = once(process, 'message')
  tell('held')
  await told
  Object.assign(req.session, { [req.params.key]: true })
  res.json(null)
})

app.get('/keys', (req, res) => {
  res.json(Object.keys(req.session).sort())
})

app.get('/logout', (req, res, next) => {
  req.session.destroy((error) => (error ? next(error) : res.json(null)))
})

const server = app.listen(0, '127.0.0.1', () => {
  tell({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` })
})
