/* global document, fetch */

const element = (id) => document.getElementById(id)
const tierNames = { redis: 'Redis', postgres: 'Postgres', memory: 'memory' }

/** Asks a route; an answer that can not be had is shown like one that was. */
async function ask(method, path, body) {
  const init = body && {
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  }
  const startedAt = performance.now()
  try {
    const response = await fetch(path, { method, ...init })
    const answer = await response.json()
    const took = Math.round(performance.now() - startedAt)
    const outcome = `${response.status} ${response.statusText}, ${took} ms`
    return { answer, outcome, ok: response.ok }
  } catch (error) {
    const answer = { error: 'NO_ANSWER', message: `The server did not answer: ${error.message}` }
    return { answer, outcome: 'no answer', ok: false }
  }
}

let asked = 0
const latestShown = {}

/** Requests may overtake each other: what an earlier one tells does not replace what a later one told already. */
function isLate(part, turn) {
  if (turn < (latestShown[part] ?? 0)) return true
  latestShown[part] = turn
  return false
}

/** Whether it went well. */
async function askAndShow(method, path, body) {
  const turn = ++asked
  const { answer, outcome, ok } = await ask(method, path, body)
  if (!isLate('answer', turn)) showAnswer(`${method} ${path} → ${outcome}`, answer, ok)
  const session = sessionIn(answer, ok && method !== 'GET')
  if (session && !isLate('session', turn)) showSession(session)
  void showHealth()
  return ok
}

function showAnswer(request, answer, ok) {
  element('request').textContent = request
  element('request').toggleAttribute('data-failed', !ok)
  element('answer').textContent = JSON.stringify(answer, null, 2)
}

const noSession = { visits: 0, user: null, tier: null, sessionId: null }

/** What an answer tells of this visitor's session; `undefined` where it tells nothing. */
function sessionIn(answer, hasEnded) {
  if ('visits' in answer) return answer
  const isMissing = answer.sessions?.every(({ isYours }) => !isYours) ?? false
  return hasEnded || isMissing ? noSession : undefined
}

function showSession({ visits, user, tier, sessionId }) {
  const isNew = sessionId !== null && tier === null
  const count = visits > 0 ? `Visit ${visits}` : 'No visit yet'
  element('visits').textContent = sessionId === null ? 'No session' : count
  element('tier').textContent = isNew ? 'no tier, it is new' : (tierNames[tier] ?? tier ?? 'none')
  element('user').textContent = user ?? 'nobody'
  element('session-id').textContent = sessionId ?? 'none'
}

async function showHealth() {
  const turn = ++asked
  const { answer } = await ask('GET', '/healthz')
  if (isLate('health', turn)) return
  const { status = 'down', tiers = [] } = answer
  const words = tiers.map(({ name, isReachable }) => {
    const tier = tierNames[name] ?? name
    return isReachable ? `${tier} answers` : `${tier} does not answer`
  })
  element('health').dataset.status = status
  element('health').textContent = words.join(', ') || 'The server does not answer'
}

/** On a narrow screen the answer is below the buttons. */
function bringAnswerIntoView() {
  element('answer').closest('section').scrollIntoView({ block: 'nearest' })
}

/** Each button one at a time: one that is at work is said to be, and a second click does nothing. */
async function whileBusy(button, work) {
  if (button.getAttribute('aria-busy') === 'true') return
  button.setAttribute('aria-busy', 'true')
  await work()
  button.removeAttribute('aria-busy')
}

for (const button of document.querySelectorAll('button[data-path]')) {
  const { method, path } = button.dataset
  button.addEventListener('click', async () => {
    await whileBusy(button, async () => {
      const ok = await askAndShow(method, path)
      if (!ok || button.closest('.routes')) bringAnswerIntoView()
    })
  })
}

element('login').addEventListener('submit', (event) => {
  event.preventDefault()
  const user = element('name').value
  const button = event.submitter ?? event.target.querySelector('button')
  void whileBusy(button, () => askAndShow('POST', '/login', { user })).then(bringAnswerIntoView)
})

await askAndShow('GET', '/api/session/test-session')
