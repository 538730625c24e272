import { contestCase, ROUND } from './contest-case.ts'

/** What an API pays for a token that a logout ends at once. */
export const tokens = contestCase({
  name: 'validate-token',
  title: 'Validate an access token',
  method:
    '64 validations in flight over the tokens of two thousand sessions, which come again and again, as they do to an API. Holdfast looks each one up; jsonwebtoken alone does not, and takes a token whose session has ended.',
  round: { operation: 'validate', inFlight: 64, duration: ROUND, warmUp: 2_000 },
  goals: [
    { ours: 'Holdfast tokens, near', against: 'jsonwebtoken', atLeast: 0.7 },
    { ours: 'Holdfast tokens, near', against: 'jsonwebtoken and ioredis GET', atLeast: 2 },
    { ours: 'Holdfast tokens, Redis', against: 'jsonwebtoken and ioredis GET', atLeast: 0.8 },
  ],
})
